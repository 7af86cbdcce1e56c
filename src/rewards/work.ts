// Work and weight of one asset, in millionths of a unit. Called by settlement and by explanations alike.
// Never looks at more than one asset.
import { minBigint } from "../primitives/index.ts";

/** Weight units in a unit of service. */
export const weightPerUnit = 1_000_000n;
const ppmWhole = 1_000_000n;

export interface WorkFactors {
  /** Units by P-5's outcome. */
  readonly measured: bigint;
  /** Units that receipts prove and that count (burnLeverage). */
  readonly delivered: bigint;
  readonly passPpm: number;
  readonly bonusPpm: number;
}

/** q of R-1: standby pays for proved readiness, the rest for what was delivered, all of it times the pass share and bonus. */
export function workOf({ measured, delivered, passPpm, bonusPpm }: WorkFactors, standbyPpm: number): bigint {
  const standby = BigInt(standbyPpm);
  const paid = standby * measured + (ppmWhole - standby) * minBigint(measured, delivered);
  if (passPpm === 1_000_000 && bonusPpm === 0) return paid; // As below, without the division: nearly every row.
  return (paid * BigInt(passPpm) * (ppmWhole + BigInt(bonusPpm))) / (ppmWhole * ppmWhole);
}

/** Capacity that audits proved, in weight units: what a group's supply is made of. */
export const capacityOf = ({ measured, passPpm }: WorkFactors): bigint => measured * BigInt(passPpm);

/** Use that counts as demand, in weight units: never more than was proved, so that no receipt makes an asset look short. */
export const demandOf = ({ measured, delivered, passPpm }: WorkFactors): bigint =>
  minBigint(measured, delivered) * BigInt(passPpm);

/** The most work that a bond backs, in weight units. */
export const bondLimitOf = (bond: bigint, leverageUnitsPerFair: number): bigint =>
  (bond * BigInt(leverageUnitsPerFair)) / 1000n;

/** w of R-2: bond limits, it never multiplies. */
export const weightOf = (work: bigint, bondLimit: bigint): bigint => minBigint(work, bondLimit);

/** What renewables add before the caps: the evidence tier's share of the bonus, by the renewable share (R-1, D-4). */
export function bonusOf(
  energy: { readonly renewablePpm: number; readonly evidenceTier: number },
  limits: { readonly certificateBonusPpm: number; readonly meterBonusPpm: number },
): number {
  const most = [0, 0, limits.certificateBonusPpm, limits.meterBonusPpm][energy.evidenceTier] ?? 0;
  return Math.floor((most * Math.min(energy.renewablePpm, 1_000_000)) / 1_000_000);
}
