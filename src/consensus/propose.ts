// S-2: this seat leads the current view. It makes one proposal, on the highest justified parent, no earlier than the block
// interval after it (L-2). At a term's last height the same bytes are proposed again until final (S-10).
import { type Digest, equalBytes } from "../primitives/index.ts";
import { type BlockFacts, type ProposalStatement, proposalStatementCodec } from "../schema/index.ts";
import { leaderOf } from "./committee.ts";
import { executed, type Parent, parentFor } from "./parent.ts";
import { armTimer, type Draft, mayVote, patchView, viewRecord } from "./state.ts";

export function lead(draft: Draft): void {
  const parent = parentToLeadOn(draft);
  if (parent === undefined || draft.building === draft.view) return;
  const facts = executed(draft, parent.digest);
  if (facts === undefined) return; // Its check is under way, and ends in another input.
  if (facts.lastOfTerm && facts.term === draft.committee.term) {
    sign(draft, parent.view, parent.digest); // S-10
    return;
  }
  const buildAtMs = facts.timestampMs + draft.timing.intervalMs;
  if (draft.nowMs < buildAtMs) {
    if (draft.timers.build === 0) armTimer(draft, "build", buildAtMs);
    return;
  }
  draft.building = draft.view;
  const record = viewRecord(draft, parent.view);
  const parentCertificate =
    parent.view === draft.floor.view ? draft.floor.finalization : (record.finalize ?? record.notarize);
  draft.effects.push({ kind: "build", view: draft.view, parent: parent.digest, parentCertificate });
}

/** A block was built for `view`: proposed if nothing has made it too late, forgotten otherwise. */
export function onBuilt(draft: Draft, view: number, facts: BlockFacts): void {
  if (view !== draft.view) return;
  const parent = parentToLeadOn(draft);
  if (parent === undefined) return;
  if (!equalBytes(parent.digest, facts.parent)) {
    draft.building = 0; // A better parent became known meanwhile: build again, nothing was signed.
    return;
  }
  sign(draft, parent.view, facts.digest);
}

function parentToLeadOn(draft: Draft): Parent | undefined {
  const { own } = viewRecord(draft, draft.view);
  if (!mayVote(draft) || leaderOf(draft.committee, draft.view) !== draft.seat) return undefined;
  if (own.propose !== undefined || own.nullify) return undefined;
  const parent = parentFor(draft, draft.view);
  if (parent === undefined) seekCertificates(draft, undefined);
  return parent;
}

/** S-3: asks at once, once a view, for certificates that a proposal needs: its leader, or two others in turn. */
export function seekCertificates(draft: Draft, leader: number | undefined): void {
  if (draft.soughtIn === draft.view || draft.seat === undefined) return;
  draft.soughtIn = draft.view;
  const size = draft.committee.seats.length;
  const others = [draft.seat + 1, draft.seat + 2].map((seat) => seat % size).filter((seat) => seat !== draft.seat);
  draft.effects.push({ kind: "ask", to: leader === undefined || leader === draft.seat ? others : [leader] });
}

/** Binds this seat to one proposal in the view before anything is signed (S-2, S-14). */
function sign(draft: Draft, parentView: number, digest: Digest): void {
  const statement: ProposalStatement = {
    term: draft.committee.term,
    committeeRoot: draft.committee.root,
    view: draft.view,
    parentView,
    digest,
  };
  const { own } = viewRecord(draft, draft.view);
  patchView(draft, draft.view, { own: { ...own, propose: proposalStatementCodec.root(statement) } });
  draft.effects.push({ kind: "sign-proposal", statement });
}
