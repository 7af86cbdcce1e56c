// What a trick gains: the same world settled with it and without it, all else equal. Two epochs each, for caps follow the
// demand of the epoch before.
import type { Parameters } from "../../src/schema/index.ts";
import { type Epoch, epochOf, type Moment } from "./epoch.ts";
import { payByOwner } from "./metrics.ts";
import type { Memory, Policy } from "./policies.ts";
import type { Role } from "./scenario.ts";
import type { Owner, Site, WorldParts } from "./world.ts";

export interface Trial {
  readonly world: WorldParts;
  /** As one settled epoch stands for many. */
  readonly settling: Parameters;
  readonly policy: Policy;
  readonly memory: Memory;
  readonly owners: readonly Owner[];
  readonly at: Moment;
}

/** Grains by owner in the second of two epochs, less the fees of those who deal with themselves. */
export function tried(trial: Trial, owners: readonly Owner[]): ReadonlyMap<number, bigint> {
  const { world, settling, policy, at } = trial;
  const input = { epoch: at.epoch, parameters: settling, saturationUnits: world.scenario.saturationUnits };
  const of: Epoch = epochOf(world, owners, at);
  const first = policy.pay(of, input, trial.memory);
  const pay = payByOwner(of, policy.pay(of, input, first.memory).paid);
  for (const [owner, fees] of of.dealingFees) pay.set(owner, (pay.get(owner) ?? 0n) - fees);
  return pay;
}

const withSites = (owners: readonly Owner[], id: number, change: (site: Site) => Site): readonly Owner[] =>
  owners.map((owner) => (owner.id === id ? { ...owner, sites: owner.sites.map(change) } : owner));

const gainPpm = (tricked: bigint, honest: bigint): number =>
  honest === 0n ? 0 : Number(((tricked - honest) * 1_000_000n) / honest);

/** Gains in ppm of what the same owner earns without the trick; undefined where nobody does it. */
export interface Gains {
  /** Of the first splitter, before what the registrations cost. */
  readonly split: number | undefined;
  /** Receipts to itself up to the part of its capacity that gains most. */
  readonly dealing: number | undefined;
  /** Receipts for a third more than its capacity, so that its cell might look short. */
  readonly shortage: number | undefined;
  /** As dealing, by a whale: beyond its cells' caps, which follow use (R-3). */
  readonly whaleDealing: number | undefined;
  readonly lying: number | undefined;
}

const honestly = {
  splitter: (site: Site): Site => ({ ...site, identities: 1 }),
  "self-dealer": (site: Site): Site => ({ ...site, dealsPpm: 0 }),
  whale: (site: Site): Site => ({ ...site, dealsPpm: 0 }),
  liar: (site: Site): Site => ({ ...site, lies: false, cell: site.place.cells[0] as Site["cell"] }),
} as const satisfies Partial<Record<Role, (site: Site) => Site>>;

const asIs = (site: Site): Site => site;
const dealing =
  (dealsPpm: number) =>
  (site: Site): Site => ({ ...site, dealsPpm });
const short = [dealing(1_333_333)];
/** Parts of one's capacity to deal with; a cell is short where four fifths of it are used. */
const dealt = [100_000, 250_000, 500_000, 810_000, 1_000_000].map(dealing);

/** At best of some tricks, by the first owner of a role. */
function gainOf(trial: Trial, role: keyof typeof honestly, tricks = [asIs]): number | undefined {
  const owner = trial.owners.find((each) => each.role === role);
  if (owner === undefined) return undefined;
  const payWith = (change: (site: Site) => Site): bigint =>
    tried(trial, withSites(trial.owners, owner.id, change)).get(owner.id) ?? 0n;
  const honest = payWith(honestly[role]);
  return Math.max(...tricks.map((trick) => gainPpm(payWith(trick), honest)));
}

export const gainsOf = (trial: Trial): Gains => ({
  split: gainOf(trial, "splitter"),
  dealing: gainOf(trial, "self-dealer", dealt),
  shortage: gainOf(trial, "self-dealer", short),
  whaleDealing: gainOf(trial, "whale", dealt),
  lying: gainOf(trial, "liar"),
});

export interface Withholding {
  /** At best, of all single sites and the parts of each. */
  readonly gainPpm: number;
  readonly unitsPpm: number;
}

/** What the first whale gains by leaving out a part of its own capacity: a quarter, half or all of one site. */
export function withholdingOf(trial: Trial): Withholding | undefined {
  const whale = trial.owners.find(({ role }) => role === "whale");
  if (whale === undefined) return undefined;
  const all = tried(trial, trial.owners).get(whale.id) ?? 0n;
  const units = whale.sites.reduce((sum, site) => sum + site.units, 0);
  let best: Withholding = { gainPpm: 0, unitsPpm: 0 };
  for (const { id, units: whole } of whale.sites) {
    for (const quarters of [1, 2, 4]) {
      const left = Math.floor((whole * (4 - quarters)) / 4);
      const less = withSites(trial.owners, whale.id, (site) => (site.id === id ? { ...site, units: left } : site));
      const gain = gainPpm(tried(trial, less).get(whale.id) ?? 0n, all);
      if (gain > best.gainPpm) best = { gainPpm: gain, unitsPpm: Math.round((1e6 * (whole - left)) / units) };
    }
  }
  return best;
}

export interface DealingAt {
  /** Grains that must be burned for a unit of use to count: unitUseValue / burnLeverage. */
  readonly burnPerUnit: number;
  /** Of what the first self-dealer earns without dealing. */
  readonly gainPpm: number;
  /** The same with receipts for a third more than it has. */
  readonly shortagePpm: number;
  readonly whalePpm: number;
  /** Part of honest use that still counts, with what honest requesters burn in the scenario. */
  readonly honestCountsPpm: number;
}

/** Dealing with oneself at other prices of use than the parameters'. */
export function dealingSweep(trial: Trial, prices: readonly number[]): readonly DealingAt[] {
  const burned = trial.world.scenario.demand.burnPerUnit;
  return prices.map((usePrice) => {
    const there = { ...trial, at: { ...trial.at, usePrice } };
    return {
      burnPerUnit: usePrice,
      gainPpm: gainOf(there, "self-dealer", dealt) ?? 0,
      shortagePpm: gainOf(there, "self-dealer", short) ?? 0,
      whalePpm: gainOf(there, "whale", dealt) ?? 0,
      honestCountsPpm: Math.round(1e6 * Math.min(1, burned / usePrice)),
    };
  });
}
