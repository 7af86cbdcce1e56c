// Computes a reward again from what its explanation says, by the functions that allocated it: audit entries to outcome,
// work, bond limit, caps, share. For whoever checks a reward certificate; never looks at the ledger.
import { equalBytes, minBigint } from "../primitives/index.ts";
import type { Explanation, GroupFactor, RewardLeaf } from "../schema/index.ts";
import { scaleOf, scaleWhole, shareOf } from "./allocation.ts";
import { coarserCell, groupCell, groupDigest, groupPrefix, prefixNumber } from "./groups.ts";
import { type AuditEntry, outcomeOf } from "./outcome.ts";
import { assetUnitsMax, factorsOf, weightOf, workOf } from "./work.ts";

export interface ExplainedReward {
  readonly epoch: number;
  readonly leaf: RewardLeaf;
  readonly explanation: Explanation;
  /** Entries of the auditors that reported. */
  readonly entries: readonly AuditEntry[];
}

/** The first step that does not come out as the explanation says; undefined when all do. */
export function wrongStep({ epoch, leaf, explanation: e, entries }: ExplainedReward): string | undefined {
  if (entries.length > e.assigned) return "entries";
  const outcome = outcomeOf(entries, e.assigned, { last: e.last, epoch });
  if (minBigint(outcome.measured, e.units) !== e.measured || outcome.passPpm !== e.passPpm) return "outcome";
  if (!outcome.confirmed && e.prefix.some((byte) => byte !== 0)) return "prefix";
  if (e.units > assetUnitsMax || e.standbyPpm > 1_000_000) return "work";
  const work = workOf(factorsOf(e), e.standbyPpm);
  if (BigInt(work) !== e.work) return "work";
  if (BigInt(weightOf(work, e.bondLimit)) !== e.weight) return "weight";
  if (!e.groups.every((group) => isGroupOf(group, e) && scaleOf(group.cap, group.weight) === group.scale))
    return "groups";
  const bound = binding(e.groups);
  if ((bound < 0 ? 255 : bound) !== e.boundBy) return "bound-by";
  const scale = bound < 0 ? scaleWhole : (e.groups[bound] as GroupFactor).scale;
  if (e.weight * scale !== e.cappedWeight || e.cappedWeight !== leaf.cappedWeight) return "capped-weight";
  const coverage = e.coverageBudget === 0n ? 0n : shareOf(e.coverageBudget, e.cappedWeight, e.denominator);
  if (coverage !== leaf.coverage) return "coverage";
  return shareOf(e.budget, e.cappedWeight, e.denominator) + coverage === leaf.reward ? undefined : "reward";
}

/** Index of the group with the least scale below the whole, the first of several; -1 when none binds. */
function binding(groups: readonly GroupFactor[]): number {
  let least = scaleWhole;
  let bound = -1;
  for (const [index, { scale }] of groups.entries()) {
    if (scale >= least) continue;
    least = scale;
    bound = index;
  }
  return bound;
}

const resolutions = [0, 1, 2, 3, 4, 5, 6, 7];

function isGroupOf({ group, key }: GroupFactor, { cell, prefix }: Explanation): boolean {
  const is = (number: bigint): boolean => equalBytes(key, groupDigest(number));
  if (group === groupPrefix) return is(prefixNumber(prefix));
  return group === groupCell ? is(cell) : resolutions.some((resolution) => is(coarserCell(cell, resolution)));
}
