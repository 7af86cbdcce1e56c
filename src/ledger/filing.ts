// When what is filed about an epoch may be filed (P-3, P-4, P-6): in the epoch after it, each kind in its phases. Used by the
// handlers, and by whoever keeps transactions that come before their time.
import type { Parameters, TransactionBody, TransactionKind } from "../schema/index.ts";
import { type BlockTime, type Phase, phaseAt } from "./network-time.ts";
import type { RejectionReason } from "./reasons.ts";

const filedIn = {
  reportCommit: ["commit"],
  reportReveal: ["reveal"],
  transcript: ["transcript"],
  serviceClaim: ["commit", "reveal", "transcript"],
  appeal: ["reveal", "transcript"],
} as const satisfies Partial<Record<TransactionKind, readonly Phase[]>>;
export type FiledKind = keyof typeof filedIn;

const phases: readonly Phase[] = ["commit", "reveal", "transcript", "settle"];

/** Why what is filed about `epoch` may not stand in a block of `at`. */
export function filingProblem(
  kind: FiledKind,
  epoch: number,
  at: { readonly time: BlockTime; readonly parameters: Parameters },
): RejectionReason | undefined {
  if (epoch + 1 !== at.time.epoch) return "epoch-wrong";
  const allowed: readonly Phase[] = filedIn[kind];
  return allowed.includes(phaseAt(at.time.offset, at.parameters)) ? undefined : "phase-wrong";
}

const isFiled = (body: TransactionBody): body is TransactionBody<FiledKind> => body.kind in filedIn;

/** Whether its time is still to come, in this epoch or the next: whoever is a few blocks ahead sends it so early. */
export function isEarly(body: TransactionBody, time: BlockTime, p: Parameters): boolean {
  if (!isFiled(body)) return false;
  if (body.value.epoch === time.epoch) return true;
  const [first] = filedIn[body.kind];
  return body.value.epoch + 1 === time.epoch && phases.indexOf(phaseAt(time.offset, p)) < phases.indexOf(first);
}
