// Dealing with oneself at the starting parameters of testnet and mainnet (R-1, ADR 11): whatever its places, prefixes and
// sizes, and whoever else is there, an owner that signs itself receipts burns more than it earns by them.
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Cell, cellAt, grains } from "../../src/primitives/index.ts";
import { budgetsAt, createSettlement, type GroupAverage, type SettleRow } from "../../src/rewards/index.ts";
import { type Parameters, parametersOf } from "../../src/schema/index.ts";
import { settleRow } from "../support/settle-row.ts";

const numRuns = Number(process.env.FAIRMESH_FUZZ_RUNS ?? 60);
const fair = 1_000_000_000n;
const million = 1_000_000n;
const places: readonly Cell[] = [cellAt(52.5, 13.4), cellAt(52.52, 13.42), cellAt(48.1, 11.5), cellAt(-33.8, 151.2)];

const asset = fc.record({
  kind: fc.nat(1),
  place: fc.nat(3),
  prefix: fc.nat(2),
  measured: fc.integer({ min: 1, max: 4000 }),
  /** Of what it has: asked for by others, then signed by itself. */
  usedPpm: fc.constantFrom(0, 0, 100_000, 500_000, 790_000),
  dealtPpm: fc.constantFrom(0, 10_000, 100_000, 500_000, 1_000_000),
  bonusPpm: fc.constantFrom(0, 100_000),
});
type Asset = typeof asset extends fc.Arbitrary<infer T> ? T : never;
const worlds = fc.record({
  own: fc.array(asset, { minLength: 1, maxLength: 6 }),
  others: fc.array(asset, { maxLength: 6 }),
});

const part = (units: number, ppm: number): bigint => (BigInt(units) * BigInt(ppm)) / 1_000_000n;
const dealtBy = ({ measured, usedPpm, dealtPpm }: Asset): bigint => {
  const [dealt, free] = [part(measured, dealtPpm), BigInt(measured) - part(measured, usedPpm)];
  return dealt < free ? dealt : free;
};

const rowOf = (one: Asset, at: number, dealt: bigint): SettleRow =>
  settleRow(at, {
    kind: one.kind,
    cell: places[one.place] as Cell,
    prefix: Uint8Array.of(4, 10, 0, one.prefix + 1, 0),
    measured: BigInt(one.measured),
    delivered: part(one.measured, one.usedPpm) + dealt,
    bonusPpm: one.bonusPpm,
    bond: 10_000n * fair,
  });

/** What the first `own` rows earn once caps follow their demand: the second epoch of two alike. */
function earned(rows: readonly SettleRow[], own: number, p: Parameters): bigint {
  const reserve = grains(1_000_000n * fair);
  const kinds = Array.from({ length: 6 }, (_, kind) => ({ kind, capScalePpm: 1_000_000, steppedEpoch: 0, reserve }));
  const budgets = budgetsAt(0, p);
  const settle = (groups: readonly GroupAverage[]) => {
    const settlement = createSettlement({ epoch: 3, parameters: p, budgets, kinds, groups, bonds: [] });
    for (const row of rows) settlement.add(row);
    return settlement.result();
  };
  const settled = settle(settle([]).groups);
  return Array.from({ length: own }, (_, at) => settled.leaf(at).reward).reduce((sum, reward) => sum + reward, 0n);
}

/** The most that dealing gains, as a share of what it burns, over random worlds; zero when it always loses something. */
function dearest(p: Parameters): number {
  let most = 0;
  fc.assert(
    fc.property(worlds, ({ own, others }) => {
      const all = [...own, ...others];
      const dealt = own.map(dealtBy);
      const burned = (dealt.reduce((sum, units) => sum + units, 0n) * p.unitUseValue) / BigInt(p.burnLeverage);
      const honest = earned(
        all.map((one, at) => rowOf(one, at, 0n)),
        own.length,
        p,
      );
      const dealing = earned(
        all.map((one, at) => rowOf(one, at, dealt[at] ?? 0n)),
        own.length,
        p,
      );
      if (burned > 0n) most = Math.max(most, Number(dealing - honest) / Number(burned));
    }),
    { numRuns: numRuns * 8 },
  );
  return most;
}

for (const preset of ["testnet", "mainnet"] as const) {
  test(`R-1: at ${preset}'s parameters dealing with oneself costs more than it earns, whatever the groups`, () => {
    const p: Parameters = { ...parametersOf(preset), demandAveragingEpochs: 1 };
    const share = dearest(p);
    assert.ok(share < 1, `${share} of what was burned came back`);
    assert.ok(share > 0.05, `only ${share}: the worlds tried too little`);
    // A grain of use for twenty times as little, as it once was: then it pays.
    assert.ok(dearest({ ...p, burnLeverage: 20 }) > 1);
  });

  test(`R-1: ${preset}'s price of use covers what a counted unit can earn: three caps with headroom, and coverage on the way to all of it`, () => {
    const p = parametersOf(preset);
    const budgets = budgetsAt(0, p).kinds;
    for (const budget of budgets) {
      const perUnit = budget / BigInt(p.floorUnits);
      const [headroom, release] = [BigInt(p.capHeadroomPpm), BigInt(p.coverageReleasePpm)];
      const byCaps = 3n * (million + headroom) * (million + release);
      // One unit more takes a cell, all of it the owner's, this much further on the way to its whole coverage.
      const byShortage = (release * (million + headroom) * (million + BigInt(p.meterBonusPpm))) / headroom;
      const most = (perUnit * (byCaps + byShortage)) / (million * million);
      assert.ok(p.unitUseValue >= most * BigInt(p.burnLeverage), `${most} grains a unit`);
    }
  });
}

test.run();
