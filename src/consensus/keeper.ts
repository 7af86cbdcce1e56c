// The vote keeper: the first valid vote of a kind by seat and view wins, a second one that differs is evidence (S-13), and
// q equal ones become a certificate. Called by the handlers of votes and certificates; decides nothing about this seat.
import { equalBytes, sortedEntries } from "../primitives/index.ts";
import { type Certificate, type Vote, type VoteKind, voteKindOf, voteKinds } from "../schema/index.ts";
import { assembleCertificate } from "./certificate.ts";
import { votesConflict, votesEvidence } from "./evidence.ts";
import { type Draft, patchView, type VotesBySeat, viewRecord } from "./state.ts";

/** Takes a vote for a view above the floor into the record. The answer is the certificate that it completes, if any. */
export function keepVote(draft: Draft, vote: Vote): Certificate | undefined {
  const { view } = vote.statement;
  const kind = voteKindOf(vote.statement) as VoteKind;
  const record = viewRecord(draft, view);
  reportConflict(draft, vote);
  if (record.votes[kind].has(vote.seat)) return undefined;
  const kept: VotesBySeat = new Map(record.votes[kind]).set(vote.seat, vote);
  patchView(draft, view, { votes: { ...record.votes, [kind]: kept } });
  if (record[kind] !== undefined) return undefined;
  const equal = votesFor(kept, vote);
  return equal.length < draft.committee.quorum ? undefined : assembleCertificate(draft.committee, equal);
}

/** S-13: compares a vote with all kept ones of its seat and view; reports one fault for each seat and view. */
function reportConflict(draft: Draft, vote: Vote): void {
  const record = viewRecord(draft, vote.statement.view);
  if (record.faulty.includes(vote.seat)) return;
  for (const kind of voteKinds) {
    const other = record.votes[kind].get(vote.seat);
    if (other === undefined || !votesConflict(other, vote)) continue;
    patchView(draft, record.view, { faulty: [...record.faulty, vote.seat] });
    draft.effects.push({ kind: "evidence", seat: vote.seat, evidence: votesEvidence(other, vote) });
    return;
  }
}

const votesFor = (votes: VotesBySeat, like: Vote): readonly Vote[] =>
  sortedEntries(votes)
    .map(([, vote]) => vote)
    .filter((vote) => equalBytes(vote.statement.digest, like.statement.digest));
