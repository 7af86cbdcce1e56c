// S-14, the last defence: a vote or a proposal under our seat that our memory does not know means that the memory was lost or
// that someone else signs with our key. Either way this seat stops. Peers are asked for such messages at every start.
import { equalBytes } from "../primitives/index.ts";
import { type Proposal, proposalStatementCodec, type Vote, type VoteKind, voteKindOf } from "../schema/index.ts";
import { type Draft, viewRecord } from "./state.ts";

/** Ends voting for a reason found here. It goes before any reason that the driver gave, which may pass by itself. */
export function stopVoting(draft: Draft, reason: string): void {
  if (draft.observing === reason) return;
  draft.observing = reason;
  draft.effects.push({ kind: "observing", reason });
}

export function noticeOwnVote(draft: Draft, vote: Vote): void {
  const { view, digest } = vote.statement;
  if (vote.seat !== draft.seat || view <= draft.floor.view) return;
  const { own } = viewRecord(draft, view);
  const kind = voteKindOf(vote.statement) as VoteKind;
  const known = kind === "nullify" ? own.nullify : own[kind] !== undefined && equalBytes(own[kind], digest);
  if (!known) stopVoting(draft, "own-vote-unknown");
}

export function noticeOwnProposal(draft: Draft, { seat, statement }: Proposal): void {
  if (seat !== draft.seat || statement.view <= draft.floor.view) return;
  const { own } = viewRecord(draft, statement.view);
  const root = proposalStatementCodec.root(statement);
  if (own.propose === undefined || !equalBytes(own.propose, root)) stopVoting(draft, "own-proposal-unknown");
}
