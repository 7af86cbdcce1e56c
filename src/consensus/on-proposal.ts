// Inputs `proposal` and `signed-proposal`: the leader's block for a view. The first is kept, a second one that differs is
// evidence (S-13) and the end of that leader's view here (S-4). Whether to vote is settled afterwards (cast.ts).
import type { Proposal } from "../schema/index.ts";
import { proposalsConflict, proposalsEvidence } from "./evidence.ts";
import { noticeOwnProposal } from "./own-messages.ts";
import { type Draft, patchView, viewRecord, viewsAheadMax } from "./state.ts";

export function onProposal(draft: Draft, proposal: Proposal): void {
  const { view } = proposal.statement;
  noticeOwnProposal(draft, proposal);
  if (view <= draft.floor.view || view > draft.view + viewsAheadMax) return;
  const record = viewRecord(draft, view);
  if (record.proposal === undefined) {
    patchView(draft, view, { proposal });
    return;
  }
  if (!proposalsConflict(record.proposal, proposal) || record.faulty.includes(proposal.seat)) return;
  patchView(draft, view, { faulty: [...record.faulty, proposal.seat] });
  const evidence = proposalsEvidence(record.proposal, proposal);
  draft.effects.push({ kind: "evidence", seat: proposal.seat, evidence });
}

/** S-2, S-15: our own proposal, stored and signed; from here on it is judged like anyone's. */
export function onSignedProposal(draft: Draft, proposal: Proposal): void {
  const { view } = proposal.statement;
  if (view <= draft.floor.view) return;
  patchView(draft, view, { signed: [...viewRecord(draft, view).signed, proposal] });
  draft.effects.push({ kind: "send", to: "all", message: { kind: "proposal", proposal } });
  onProposal(draft, proposal);
}
