// S-1: entering views, and S-9: what that does to delta. A certificate of any view at or beyond the current one is enough:
// views between are skipped, and the certificates of them that a proposal will need are asked for then (S-2).
import { armTimer, type Draft, recordsOf, viewRecord, viewsOpenMax, viewsWithVotesMax } from "./state.ts";
import { advanceTimeoutMs, grownDelta, proposeTimeoutMs } from "./timing.ts";

/** Enters the highest view that certificates allow, if it is beyond the current one. */
export function enterViews(draft: Draft): void {
  let target = draft.floor.view + 1;
  for (const record of recordsOf(draft)) {
    if (record.notarize !== undefined || record.nullify !== undefined || record.finalize !== undefined) {
      target = Math.max(target, record.view + 1);
    }
  }
  if (target <= draft.view || target > draft.floor.view + viewsOpenMax) return;
  if (wasTooShort(draft, target - 1)) draft.deltaMs = grownDelta(draft.timing, draft.deltaMs); // S-9
  draft.view = target;
  draft.expired = "none";
  draft.resends = 0;
  draft.timers = { propose: 0, advance: 0, resend: 0, build: 0 };
  forgetOldVotes(draft);
  armTimer(draft, "propose", draft.nowMs + proposeTimeoutMs(draft.timing, draft.deltaMs));
  armTimer(draft, "advance", draft.nowMs + advanceTimeoutMs(draft.timing, draft.deltaMs));
  armTimer(draft, "resend", draft.nowMs + advanceTimeoutMs(draft.timing, draft.deltaMs));
}

/**
 * S-9: the view was nullified; or it was notarized, but not before this seat had nullified it, so that it cannot help to
 * finalize it. Without the second, a network a little slower than delta notarizes every view and finalizes none.
 */
function wasTooShort(draft: Draft, entry: number): boolean {
  const { nullify, notarize, finalize } = viewRecord(draft, entry);
  if (nullify !== undefined && notarize === undefined && finalize === undefined) return true;
  return viewRecord(draft, draft.view).own.nullify;
}

/** Keeps certificates, locks and own messages of views long left, but not the votes of others. */
function forgetOldVotes(draft: Draft): void {
  const old = recordsOf(draft).filter(
    (record) =>
      record.view < draft.view - viewsWithVotesMax && record.votes.notarize.size + record.votes.nullify.size > 0,
  );
  if (old.length === 0) return;
  const views = new Map(draft.views);
  for (const record of old) {
    const none = new Map();
    views.set(record.view, { ...record, votes: { notarize: none, nullify: none, finalize: none } });
  }
  draft.views = views;
}
