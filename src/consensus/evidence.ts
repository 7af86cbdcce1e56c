// S-13, faults that cost a bond: by one seat in one view two different notarize, two different finalize, two different
// propose, or nullify and finalize. Found by the vote keeper, judged again by the ledger. Never a single message's fault.
import type { SignatureCheck } from "../crypto/index.ts";
import { equalBytes, err, type NetworkId, ok, type Result } from "../primitives/index.ts";
import { type Evidence, type Proposal, proposalStatementCodec, type Vote, voteKindOf } from "../schema/index.ts";
import type { Committee } from "./committee.ts";
import { proposalOwes, voteOwes } from "./owed.ts";

/** Whether two votes of one seat in one view cannot both come from a correct seat. */
export function votesConflict(a: Vote, b: Vote): boolean {
  if (a.seat !== b.seat || a.statement.view !== b.statement.view || a.statement.term !== b.statement.term) return false;
  const kinds = [voteKindOf(a.statement), voteKindOf(b.statement)];
  if (kinds[0] === kinds[1]) return kinds[0] !== "nullify" && !equalBytes(a.statement.digest, b.statement.digest);
  return kinds.includes("nullify") && kinds.includes("finalize");
}

/** Whether two proposals of one view differ: in their parent view or in their block. */
export const proposalsConflict = (a: Proposal, b: Proposal): boolean =>
  a.seat === b.seat &&
  a.statement.view === b.statement.view &&
  a.statement.term === b.statement.term &&
  !equalBytes(proposalStatementCodec.root(a.statement), proposalStatementCodec.root(b.statement));

export const votesEvidence = (first: Vote, second: Vote): Evidence => ({ votes: [first, second], proposals: [] });
export const proposalsEvidence = (first: Proposal, second: Proposal): Evidence => ({
  votes: [],
  proposals: [first, second],
});

/** The seat at fault and the two signatures still owed, or why this is no evidence against anyone in the committee. */
export function evidenceOwes(
  committee: Committee,
  networkId: NetworkId,
  evidence: Evidence,
): Result<{ readonly seat: number; readonly checks: readonly SignatureCheck[] }, "form" | "no-conflict" | "message"> {
  const { votes, proposals } = evidence;
  if (votes.length + proposals.length !== 2 || votes.length === 1) return err("form");
  const [first, second] = votes.length === 2 ? votes : proposals;
  if (first === undefined || second === undefined) return err("form");
  const conflict =
    votes.length === 2
      ? votesConflict(votes[0] as Vote, votes[1] as Vote)
      : proposalsConflict(proposals[0] as Proposal, proposals[1] as Proposal);
  if (!conflict) return err("no-conflict");
  const checks: SignatureCheck[] = [];
  for (const vote of votes) {
    const owed = voteOwes(committee, networkId, vote);
    if (!owed.ok) return err("message");
    checks.push(owed.value);
  }
  for (const proposal of proposals) {
    const owed = proposalOwes(committee, networkId, proposal);
    if (!owed.ok) return err("message");
    checks.push(owed.value);
  }
  return ok({ seat: first.seat, checks });
}
