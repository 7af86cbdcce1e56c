// What a step looks like from outside: how evenly owners are paid (R-10, by who owns in truth, not by identity), whose share is
// how large, and how much of what is asked for can be served.
import { concentrationOf } from "../../src/rewards/index.ts";
import type { Epoch } from "./epoch.ts";
import type { Role } from "./scenario.ts";
import type { Owner } from "./world.ts";

export interface Sample {
  readonly step: number;
  readonly giniPpm: number;
  /** Owners that have more than half of the pay together. */
  readonly nakamoto: number;
  readonly coveragePpm: number;
  readonly owners: number;
  readonly sharePpm: Readonly<Partial<Record<Role, number>>>;
  /** Grains an epoch of the small provider in the middle; none without small providers. */
  readonly smallPay: bigint;
}

export function payByOwner(of: Epoch, paid: readonly bigint[]): Map<number, bigint> {
  const sums = new Map<number, bigint>();
  for (const [row, amount] of paid.entries()) {
    const owner = of.ownerOf[row] as number;
    sums.set(owner, (sums.get(owner) ?? 0n) + amount);
  }
  return sums;
}

export function sampleOf(step: number, owners: readonly Owner[], of: Epoch, paid: readonly bigint[]): Sample {
  const byOwner = payByOwner(of, paid);
  const { giniPpm, nakamotoHalf } = concentrationOf([...byOwner.values()]);
  const total = paid.reduce((sum, amount) => sum + amount, 0n);
  const byRole: Partial<Record<Role, bigint>> = {};
  for (const { id, role } of owners) byRole[role] = (byRole[role] ?? 0n) + (byOwner.get(id) ?? 0n);
  const ppm = (part: bigint): number => (total === 0n ? 0 : Number((part * 1_000_000n) / total));
  const sharePpm = Object.fromEntries(Object.entries(byRole).map(([role, part]) => [role, ppm(part)]));
  const small = owners.filter(({ role }) => role === "small").map(({ id }) => byOwner.get(id) ?? 0n);
  return {
    ...{ step, giniPpm, nakamoto: nakamotoHalf, coveragePpm: of.coveragePpm, owners: owners.length, sharePpm },
    smallPay: BigUint64Array.from(small).sort()[small.length >> 1] ?? 0n,
  };
}
