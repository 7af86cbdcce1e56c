// S-8: what is said again while nothing advances, to whom certificates are relayed, and what ended a view for whoever is
// still in it. Everything here repeats what was said before; nothing new is ever decided or signed.
import type { Certificate } from "../schema/index.ts";
import { leaderOf } from "./committee.ts";
import { armTimer, type Draft, recordsOf, type State, viewRecord } from "./state.ts";

/**
 * Own messages of at most this many views, the newest, go out in one resend. Of an older view nobody needs a single vote:
 * some honest seat left it by a certificate, which is durable and served.
 */
const resendViewsMax = 64;
/** A certificate is relayed to everyone in committees up to this size, otherwise to this many successors. */
const relayFanout = 9;
/** Seats asked in one resend. */
const askedAtOnce = 3;

/** The evidence by which `view` was or can be left; the floor's Finalization when the view is not above it. */
export function exitEvidence(state: State, view: number): Certificate | undefined {
  if (view <= state.floor.view) return state.floor.finalization;
  const record = viewRecord(state, view);
  return record.finalize ?? record.notarize ?? record.nullify;
}

export function resend(draft: Draft): void {
  armTimer(draft, "resend", draft.nowMs + draft.deltaMs);
  draft.asked = new Map(); // A check that came to nothing is asked for again.
  draft.effects.push({ kind: "ask", to: draft.seat === undefined ? "anyone" : askNext(draft) });
  draft.resends += 1;
  if (draft.seat === undefined) return;
  const entry = exitEvidence(draft, draft.view - 1);
  if (entry !== undefined) {
    draft.effects.push({ kind: "send", to: "all", message: { kind: "certificate", certificate: entry } });
  }
  for (const record of recordsOf(draft).slice(-resendViewsMax)) {
    for (const message of record.signed) {
      draft.effects.push({
        kind: "send",
        to: "all",
        message:
          "parentView" in message.statement
            ? { kind: "proposal", proposal: { ...message, statement: message.statement } }
            : { kind: "vote", vote: { ...message, statement: message.statement } },
      });
    }
  }
}

/** Three seats at a time, in turn; all of them while this seat waits to hear of votes that it may have forgotten (S-14). */
function askNext(draft: Draft): readonly number[] {
  const size = draft.committee.seats.length;
  const seats: number[] = [];
  const count = draft.observing !== undefined && draft.resends === 0 ? size - 1 : Math.min(askedAtOnce, size - 1);
  for (let i = 0; i < count; i++) {
    const step = 1 + ((draft.resends * askedAtOnce + i) % (size - 1));
    seats.push(((draft.seat as number) + step) % size);
  }
  return seats;
}

/** Everyone in a small committee. In a large one the next leader and our successors, who relay it in their turn. */
export function relayTo(draft: Draft, view: number, fromSeat: number | undefined): readonly number[] {
  const size = draft.committee.seats.length;
  const own = draft.seat;
  if (own === undefined) return [];
  const first = size <= relayFanout + 1 ? [] : [leaderOf(draft.committee, view + 1)];
  const others = Array.from({ length: Math.min(relayFanout, size - 1) }, (_, i) => (own + 1 + i) % size);
  return [...first.filter((seat) => !others.includes(seat)), ...others].filter(
    (seat) => seat !== own && seat !== fromSeat,
  );
}
