// The arithmetic of caps and shares: the least scale of an asset's groups, and its part of a budget.
// Capped weights keep the 48 bits of the scale, so that cutting one asset into many loses nothing but a grain each.
import { maxBigint, minBigint, mulPpm } from "../primitives/index.ts";
import { weightPerUnit } from "./work.ts";

export const scaleBits = 48n;
export const scaleWhole = 1n << scaleBits;

/** s of R-3: how much of the weight in a group counts, in 2^-48. */
export const scaleOf = (cap: bigint, sum: bigint): bigint => (sum <= cap ? scaleWhole : (cap << scaleBits) / sum);

/** What a budget is divided by: all capped weight, or the kind's floor when that is more. */
export const denominatorOf = (sum: bigint, floorUnits: number): bigint =>
  maxBigint(sum, (BigInt(floorUnits) * weightPerUnit) << scaleBits);

/** What the coverage reserve adds to a kind's budget in an epoch at most: a share of the budget, while it lasts. */
export const releaseOf = (reserve: bigint, budget: bigint, coverageReleasePpm: number): bigint =>
  minBigint(reserve, mulPpm(budget, coverageReleasePpm));

/** an asset's part of a budget, rounded down. */
export const shareOf = (budget: bigint, capped: bigint, denominator: bigint): bigint => (budget * capped) / denominator;
