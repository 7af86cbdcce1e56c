// What one epoch is in truth and what the network learns of it: use by place, what receipts count for, audits by drawn
// auditors and their medians (P-5). The outcome is rows as settlement takes them. Same step, same site, same answers, whatever
// else differs: two worlds that differ in one thing can be compared.
import { type AccountId, assetId, bigEndian } from "../../src/primitives/index.ts";
import { type AuditEntry, noOutcome, outcomeOf, type SettleRow } from "../../src/rewards/index.ts";
import type { Parameters } from "../../src/schema/index.ts";
import { seededRandom } from "../environment/index.ts";
import type { EconomicScenario } from "./scenario.ts";
import type { Owner, Site, WorldParts } from "./world.ts";

export interface Moment {
  readonly seed: number;
  readonly step: number;
  readonly epoch: number;
  /** Grains that must be burned for a unit of use to count; undefined for what the parameters say. */
  readonly usePrice?: number;
}

export interface Epoch {
  readonly rows: readonly SettleRow[];
  /** By row, the owner in truth. */
  readonly ownerOf: readonly number[];
  /** Bonds by operator. */
  readonly bonds: readonly bigint[];
  /** Of all units asked for, those that someone who is there can serve. */
  readonly coveragePpm: number;
  /** By owner, grains burned for use of its own. What of a fee is not burned comes back to whoever proposes its own blocks. */
  readonly dealingFees: ReadonlyMap<number, bigint>;
}

const kinds = 2;
const prefixUnknown = Uint8Array.of(0, 0, 0, 0, 0);

/** Grains burned for a unit to count: only the quotient of the two parameters matters. */
export const usePriceOf = (p: Parameters): number => Number(p.unitUseValue) / p.burnLeverage;

const demandAt = ({ demand, stepEpochs }: EconomicScenario, p: Parameters, step: number): number =>
  demand.units * (1 + (demand.growthPpm / 1e6) * ((step * stepEpochs) / p.eraEpochs));

const sumBy = (sites: readonly Site[]): Map<number, number> => {
  const sums = new Map<number, number>();
  for (const { serves, place, kind, units } of sites)
    if (serves) sums.set(place.index * kinds + kind, (sums.get(place.index * kinds + kind) ?? 0) + units);
  return sums;
};

/** An amount in `parts` whole parts, none more than one above another. */
const divided = (amount: bigint, parts: number, part: number): bigint =>
  amount / BigInt(parts) + (BigInt(part) < amount % BigInt(parts) ? 1n : 0n);

/** Colluders' part of the weight by which auditors are drawn: bonds, each identity's up to the cap. */
function colludingPpm(owners: readonly Owner[], p: Parameters): number {
  let [all, corrupt] = [0n, 0n];
  for (const { role, sites, group } of owners) {
    const bond = sites.reduce((sum, site) => sum + site.bond, p.operatorBondMin) / BigInt(group.identities);
    const weight = (bond < p.bondCap ? bond : p.bondCap) * BigInt(group.identities);
    all += weight;
    if (role === "colluder") corrupt += weight;
  }
  return all === 0n ? 0 : Number((corrupt * 1_000_000n) / all);
}

/** P-5 for a site: entries of honest auditors and of colluders, who pass their friends and fail everyone else. */
function audited(
  site: Site,
  friend: boolean,
  at: Moment & { readonly corruptPpm: number; readonly checks: boolean },
  p: Parameters,
) {
  const random = seededRandom(`${at.seed}/audit/${at.step}/${site.id}`);
  const attempted = p.windowsPerEpoch;
  const entries = Array.from({ length: p.auditorsPerAsset }, (): AuditEntry => {
    const corrupt = random.chance(at.corruptPpm);
    let passed = 0;
    for (let window = 0; window < attempted; window++) if (random.chance(site.answersPpm)) passed++;
    const seen = site.serves && !(site.lies && at.checks);
    const measured = (corrupt ? friend : seen) ? BigInt(site.units) : 0n;
    return { measured, passed: corrupt ? attempted : passed, attempted, direct: true };
  });
  return outcomeOf(entries, p.auditorsPerAsset, { last: noOutcome, epoch: at.epoch });
}

/** The epoch at `at` of a world with these owners. */
export function epochOf({ scenario, parameters: p, places }: WorldParts, owners: readonly Owner[], at: Moment): Epoch {
  const sites = owners.flatMap((owner) => owner.sites);
  const supply = sumBy(sites);
  const demand = demandAt(scenario, p, at.step);
  const askedAt = (place: number): number => (demand * (places.all[place]?.hotspots as number)) / places.hotspots;
  const price = at.usePrice ?? usePriceOf(p);
  const counts = price === 0 ? 1 : Math.min(1, scenario.demand.burnPerUnit / price);
  const corruptPpm = colludingPpm(owners, p);
  const rows: SettleRow[] = [];
  const ownerOf: number[] = [];
  const bonds: bigint[] = [];
  const dealingFees = new Map<number, bigint>();
  const operators = new Map<string, number>();

  const operatorOf = (owner: number, part: number): number => {
    const known = operators.get(`${owner}/${part}`) ?? operators.size;
    operators.set(`${owner}/${part}`, known);
    return known;
  };

  for (const { role, sites: own } of owners) {
    for (const site of own) {
      const { measured, passPpm, confirmed } = audited(
        site,
        role === "colluder",
        { ...at, corruptPpm, checks: scenario.locationCheck },
        p,
      );
      const most = site.kind === 0 ? 1 : scenario.demand.overloadPpm / 1e6;
      const asked = askedAt(site.place.index) / (supply.get(site.place.index * kinds + site.kind) ?? 1);
      const used = site.serves ? Math.floor(site.units * Math.min(most, asked) * counts) : 0;
      const dealt = Math.max(0, Math.floor((site.units * site.dealsPpm) / 1e6) - used);
      if (dealt > 0) {
        dealingFees.set(site.owner, (dealingFees.get(site.owner) ?? 0n) + BigInt(Math.ceil(dealt * price)));
      }
      for (let part = 0; part < site.identities; part++) {
        const operator = operatorOf(site.owner, part);
        const account = bigEndian(operator, 32) as AccountId;
        const bond = divided(site.bond, site.identities, part);
        bonds[operator] = (bonds[operator] ?? 0n) + bond;
        ownerOf.push(site.owner);
        rows.push({
          ...{ owner: account, beneficiary: account, operator, bond, passPpm, kind: site.kind, cell: site.cell },
          ...{ assigned: p.auditorsPerAsset, last: noOutcome, bonusPpm: 0, evidence: [] },
          assetId: assetId(bigEndian(rows.length, 32)),
          prefix: confirmed ? site.prefix : prefixUnknown,
          units: divided(BigInt(site.units), site.identities, part),
          measured: divided(measured, site.identities, part),
          delivered: divided(BigInt(used + dealt), site.identities, part),
        });
      }
    }
  }
  let [asked, met] = [0, 0];
  for (const { index } of places.all)
    for (let kind = 0; kind < kinds; kind++) {
      asked += askedAt(index);
      met += Math.min(askedAt(index), supply.get(index * kinds + kind) ?? 0);
    }
  return { rows, ownerOf, bonds, dealingFees, coveragePpm: Math.round((1e6 * met) / asked) };
}
