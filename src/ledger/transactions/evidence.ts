// evidence (S-13): two signatures of one seat in one view that no honest seat makes. Both were verified before execution.
import { type AccountId, equalBytes } from "../../primitives/index.ts";
import {
  type CommitteeState,
  compoundKey,
  type Evidence,
  numberKey,
  proposalStatementCodec,
  type Statement,
  type TransactionBody,
  tables,
  voteKindOf,
} from "../../schema/index.ts";
import type { Draft } from "../draft.ts";
import type { ExecutionContext } from "../execution-context.ts";
import type { RejectionReason } from "../reasons.ts";
import { slash } from "../slashing.ts";

interface Accused {
  readonly term: number;
  readonly view: number;
  readonly seat: number;
  readonly committeeRoot: Uint8Array;
}

/** The seat that a well-formed piece of evidence names; undefined when the two do not make a fault. */
export function accusedBy(evidence: Evidence): Accused | undefined {
  const [first, second] = evidence.votes.length === 2 ? evidence.votes : evidence.proposals;
  const mixed = evidence.votes.length + evidence.proposals.length !== 2;
  if (mixed || first === undefined || second === undefined || first.seat !== second.seat) return undefined;
  const a = first.statement;
  const b = second.statement;
  if (a.term !== b.term || a.view !== b.view || !equalBytes(a.committeeRoot, b.committeeRoot)) return undefined;
  const fault =
    evidence.votes.length === 2 ? isVoteFault(a as Statement, b as Statement) : isProposalFault(evidence.proposals);
  return fault ? { term: a.term, view: a.view, seat: first.seat, committeeRoot: a.committeeRoot } : undefined;
}

function isVoteFault(a: Statement, b: Statement): boolean {
  const kinds = [voteKindOf(a), voteKindOf(b)];
  if (kinds[0] === kinds[1]) {
    return (kinds[0] === "notarize" || kinds[0] === "finalize") && !equalBytes(a.digest, b.digest);
  }
  return kinds.includes("nullify") && kinds.includes("finalize");
}

const isProposalFault = (proposals: Evidence["proposals"]): boolean => {
  const roots = proposals.map((proposal) => proposalStatementCodec.root(proposal.statement));
  return roots.length === 2 && !equalBytes(roots[0] as Uint8Array, roots[1] as Uint8Array);
};

export const committeeOf = (draft: Draft, term: number): CommitteeState | undefined =>
  draft.read(tables.committees, numberKey(term));

export function evidence(
  ctx: ExecutionContext,
  _sender: AccountId,
  body: TransactionBody<"evidence">["value"],
): RejectionReason | undefined {
  const { draft, parameters: p } = ctx;
  const accused = accusedBy(body.evidence);
  if (accused === undefined) return "fault-unproved";
  const committee = committeeOf(draft, accused.term);
  const seat = committee?.seats[accused.seat];
  if (committee === undefined || seat === undefined) return "committee-unknown";
  if (!equalBytes(committee.root, accused.committeeRoot)) return "fault-unproved";
  if ((accused.term + 1) * p.termEpochs + p.evidenceEpochs <= ctx.time.epoch) return "fault-old";
  const key = compoundKey(accused.term, accused.view, accused.seat);
  if (draft.read(tables.faults, key) !== undefined) return "fault-punished";
  draft.write(tables.faults, key, { subject: seat.keyId, epoch: ctx.time.epoch });
  slash(draft, seat.operator, p.slashEquivocationPpm);
  return undefined;
}
