// Work and weight of one asset, in millionths of a unit. Called by settlement and by explanations alike.
// Never looks at more than one asset. Units are bounded, so that all of it is exact in plain numbers.
import { invariant, minBigint } from "../primitives/index.ts";

const million = 1_000_000;

/** Weight units in a unit of service. */
export const weightPerUnit = 1_000_000n;

/** Units of an asset at most: the highest that `unitsPerAssetMax` can be. Its weight is then below 2^31 x 1.3 x 10^6 < 2^52. */
export const assetUnitsMax = 2 ** 31;

/** As rows and explanations have them. */
export interface Proved {
  /** Units by P-5's outcome, at most the registered ones. */
  readonly measured: bigint;
  /** Units that receipts prove and that count (burnLeverage). */
  readonly delivered: bigint;
  readonly passPpm: number;
  readonly bonusPpm: number;
}

export interface WorkFactors {
  readonly measured: number;
  /** What of it was delivered. */
  readonly used: number;
  readonly passPpm: number;
  readonly bonusPpm: number;
}

/** Receipts for more than was proved count for nothing: neither as work nor as demand. */
export function factorsOf({ measured, delivered, passPpm, bonusPpm }: Proved): WorkFactors {
  invariant(measured <= assetUnitsMax, "an asset's units are bounded", { measured });
  return { measured: Number(measured), used: Number(minBigint(measured, delivered)), passPpm, bonusPpm };
}

/** q of R-1: standby pays for proved readiness, the rest for what was delivered, all of it times the pass share and bonus. */
export function workOf({ measured, used, passPpm, bonusPpm }: WorkFactors, standbyPpm: number): number {
  const paid = standbyPpm * measured + (million - standbyPpm) * used;
  if (passPpm === million && bonusPpm === 0) return paid; // As below, without the division: nearly every row.
  return Number((BigInt(paid) * BigInt(passPpm) * BigInt(million + bonusPpm)) / BigInt(million * million));
}

/** Capacity that audits proved, in weight units: what a group's supply is made of. */
export const capacityOf = ({ measured, passPpm }: WorkFactors): number => measured * passPpm;

/** Use that counts as demand, in weight units: never more than was proved, so that no receipt makes an asset look short. */
export const demandOf = ({ used, passPpm }: WorkFactors): number => used * passPpm;

/** The most work that a bond backs, in weight units. */
export const bondLimitOf = (bond: bigint, leverageUnitsPerFair: number): bigint =>
  (bond * BigInt(leverageUnitsPerFair)) / 1000n;

/** w of R-2: bond limits, it never multiplies. Limits too large for a number stay above any work. */
export const weightOf = (work: number, bondLimit: bigint): number => Math.min(work, Number(bondLimit));

/** What renewables add before the caps: the evidence tier's share of the bonus, by the renewable share (R-1, D-4). */
export function bonusOf(
  energy: { readonly renewablePpm: number; readonly evidenceTier: number },
  limits: { readonly certificateBonusPpm: number; readonly meterBonusPpm: number },
): number {
  const most = [0, 0, limits.certificateBonusPpm, limits.meterBonusPpm][energy.evidenceTier] ?? 0;
  return Math.floor((most * Math.min(energy.renewablePpm, 1_000_000)) / 1_000_000);
}
