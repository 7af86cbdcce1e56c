// Who comes and who goes: small providers leave when a review's pay did not cover their costs, the worst off first; newcomers
// try a few places, each by what the rule would have paid them there, and take the best if it covers their costs.
import type { SeededRandom } from "../environment/index.ts";
import type { EconomicGroup } from "./scenario.ts";
import { type Trial, tried } from "./tricks.ts";
import type { createSettlers, Owner } from "./world.ts";

const costOf = ({ sites, costPpm }: Owner, unitPay: bigint): bigint =>
  (BigInt(sites.reduce((sum, site) => sum + site.units, 0)) * unitPay * BigInt(costPpm)) / 1_000_000n;

/** Owners that leave. Costs move with emission: what a grain buys is taken to rise as it falls. */
export function departures(
  owners: readonly Owner[],
  earned: ReadonlyMap<number, bigint>,
  at: { readonly unitPay: bigint; readonly steps: number; readonly leavePpm: number },
): ReadonlySet<number> {
  const small = owners.filter(({ role }) => role === "small");
  const losing = small
    .map((owner) => {
      const cost = costOf(owner, at.unitPay) * BigInt(at.steps);
      return {
        id: owner.id,
        coversPpm: cost === 0n ? 1e6 : Number(((earned.get(owner.id) ?? 0n) * 1_000_000n) / cost),
      };
    })
    .filter(({ coversPpm }) => coversPpm < 1_000_000)
    .toSorted((a, b) => a.coversPpm - b.coversPpm || a.id - b.id);
  return new Set(losing.slice(0, Math.ceil((small.length * at.leavePpm) / 1e6)).map(({ id }) => id));
}

/** Newcomers, each where it would have earned most, if that covers its costs. */
export function arrivals(
  trial: Trial,
  by: { readonly settlers: ReturnType<typeof createSettlers>; readonly random: SeededRandom; readonly unitPay: bigint },
): readonly Owner[] {
  const { entry, groups } = trial.world.scenario;
  const group = groups.find(({ role }) => role === "small") as EconomicGroup | undefined;
  if (group === undefined || entry.owners === 0) return [];
  const thinking = Array.from({ length: entry.owners }, () => by.settlers.owner(group, by.random));
  const best = thinking.map((owner) => ({ owner, pay: -1n }));
  for (let place = 0; place < entry.places; place++) {
    const there = thinking.map((owner) => (place === 0 ? owner : by.settlers.moved(owner, by.random)));
    const pay = tried(trial, [...trial.owners, ...there]);
    for (const [index, owner] of there.entries()) {
      const amount = pay.get(owner.id) ?? 0n;
      if (amount > (best[index]?.pay ?? 0n)) best[index] = { owner, pay: amount };
    }
  }
  return best.filter(({ owner, pay }) => pay >= costOf(owner, by.unitPay)).map(({ owner }) => owner);
}
