// The votes that this seat casts, each after the conditions of its rule: notarize (S-3), nullify (S-4), finalize (S-5).
// A lock is taken in the state in the same step as the `sign-vote` effect; the driver makes it durable before it signs.
import { type Digest, equalBytes, keyOf } from "../primitives/index.ts";
import type { BlockFacts, Proposal, VoteKind } from "../schema/index.ts";
import { statementOf } from "./certificate.ts";
import { leaderOf } from "./committee.ts";
import { allNullified, certifiedIn, executed } from "./parent.ts";
import { seekCertificates } from "./propose.ts";
import { type Draft, mayVote, patchView, recordsOf, type ViewRecord, viewRecord } from "./state.ts";

/** S-3: votes for the proposal of the current view if it is justified and executed; rejects what never can be. */
export function castNotarize(draft: Draft): void {
  const record = viewRecord(draft, draft.view);
  if (record.proposal === undefined || record.rejected !== undefined) return;
  if (record.own.notarize !== undefined || record.own.nullify) return;
  const judgement = judge(draft, record.proposal);
  if (judgement === "wait" || !mayVote(draft)) return;
  if (judgement !== "good") {
    patchView(draft, draft.view, { rejected: judgement });
    return;
  }
  if (record.faulty.includes(record.proposal.seat)) return; // S-4: it equivocated; nullify instead.
  lock(draft, record, { kind: "notarize", digest: record.proposal.statement.digest });
}

/** S-4: on a timeout, a proposal that can never be valid, or proof that the leader equivocated. Never after finalize. */
export function castNullify(draft: Draft): void {
  const record = viewRecord(draft, draft.view);
  if (!mayVote(draft) || record.own.nullify || record.own.finalize !== undefined) return;
  const leader = leaderOf(draft.committee, draft.view);
  const due =
    draft.expired === "advance" ||
    (draft.expired === "propose" && record.proposal === undefined) ||
    record.rejected !== undefined ||
    record.faulty.includes(leader);
  if (due) lock(draft, record, { kind: "nullify", digest: undefined });
}

/** S-5: once a view is notarized and its block executed and durable, at that time or whenever it becomes so. */
export function castFinalize(draft: Draft): void {
  if (!mayVote(draft)) return;
  for (const record of recordsOf(draft)) {
    const digest = record.notarize?.statement.digest;
    if (digest === undefined || record.own.nullify || record.own.finalize !== undefined) continue;
    if (executed(draft, digest) !== undefined) lock(draft, record, { kind: "finalize", digest });
  }
}

function lock(
  draft: Draft,
  record: ViewRecord,
  vote: { readonly kind: VoteKind; readonly digest: Digest | undefined },
) {
  const own = vote.kind === "nullify" ? { ...record.own, nullify: true } : { ...record.own, [vote.kind]: vote.digest };
  patchView(draft, record.view, { own });
  const { kind, digest } = vote;
  const statement = statementOf(draft.committee, record.view, digest === undefined ? { kind } : { kind, digest });
  draft.effects.push({ kind: "sign-vote", statement });
}

/** "good", "wait" for something that is on its way, or why the proposal can never be valid (S-2, S-3). */
function judge(draft: Draft, proposal: Proposal): string {
  const { view, parentView, digest } = proposal.statement;
  if (parentView >= view) return "parent-view-not-before";
  if (parentView < draft.floor.view) return "parent-view-below-final"; // Finalization(floor) excludes its Nullification.
  const parent = certifiedIn(draft, parentView);
  if (parent === undefined || !allNullified(draft, parentView, view)) {
    seekCertificates(draft, proposal.seat);
    return "wait";
  }
  const outcome = draft.blocks.get(keyOf(digest));
  if (outcome?.kind === "invalid") return outcome.reason;
  const facts = executed(draft, digest);
  const parentFacts = executed(draft, parent);
  if (facts === undefined || parentFacts === undefined) return "wait";
  return descends(draft, facts, parentFacts) ? "good" : "not-on-its-parent";
}

/** S-2, S-10: the parent's child in this term, or the term's last block again. */
function descends(draft: Draft, facts: BlockFacts, parent: BlockFacts): boolean {
  if (parent.lastOfTerm && parent.term === draft.committee.term) return equalBytes(facts.digest, parent.digest);
  return facts.term === draft.committee.term && equalBytes(facts.parent, parent.digest);
}
