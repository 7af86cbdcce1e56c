// Settlement against a second implementation in exact fractions over thousands of random epochs: every reward within the stated
// rounding (a millionth of a unit for each asset's work, 2^-48 for a scale, a grain for a reward). The order of rows changes
// no reward; concentration against its definitions, exactly, and against known figures.
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Cell, cellAt, grains, toHex } from "../../src/primitives/index.ts";
import {
  budgetsAt,
  coarserCell,
  concentrationOf,
  createSettlement,
  type GroupAverage,
  groupCell,
  groupPrefix,
  groupRegion,
  prefixNumber,
  releasedTo,
  type Settled,
  type SettleRow,
} from "../../src/rewards/index.ts";
import { type Parameters, parametersOf } from "../../src/schema/index.ts";
import {
  type ExactAsset,
  exactSettlement,
  fraction,
  isLess,
  minus,
  most,
  plus,
  times,
} from "../support/exact-settlement.ts";
import { settleRow } from "../support/settle-row.ts";

const numRuns = Number(process.env.FAIRMESH_FUZZ_RUNS ?? 60);
const fair = 1_000_000_000n;
const p: Parameters = { ...parametersOf("mainnet"), floorUnits: 64, capMinimumUnits: 8 };
const places: readonly Cell[] = [cellAt(52.5, 13.4), cellAt(52.52, 13.42), cellAt(48.1, 11.5), cellAt(-33.8, 151.2)];
const unit = 1_000_000n;

const asset = fc.record({
  kind: fc.nat(1),
  place: fc.nat(3),
  prefix: fc.nat(3),
  measured: fc.integer({ min: 0, max: 500 }),
  delivered: fc.nat(600),
  passPpm: fc.constantFrom(1_000_000, 999_999, 750_000, 500_000, 333_333, 0),
  bonusPpm: fc.constantFrom(0, 0, 12_345, 100_000),
  bondGrains: fc.bigInt({ min: fair / 7n, max: 600n * fair }),
});
const memory = fc.record({
  kind: fc.nat(1),
  group: fc.nat(2),
  at: fc.nat(3),
  demand: fc.bigInt({ min: 0n, max: 900n * unit }),
  supply: fc.bigInt({ min: 0n, max: 900n * unit }),
});
const epochs = fc.record({
  assets: fc.array(asset, { minLength: 1, maxLength: 14 }),
  memories: fc.array(memory, { maxLength: 8 }),
  capScalePpm: fc.constantFrom(1_000_000, 950_000, 123_456),
  reserve: fc.bigInt({ min: 0n, max: 5000n * fair }),
});
type Epoch = typeof epochs extends fc.Arbitrary<infer T> ? T : never;

const prefixOf = (at: number): Uint8Array => (at === 0 ? new Uint8Array(5) : Uint8Array.of(4, 10, 0, at, 0));
const keyOfGroup = (group: number, at: number): bigint => {
  if (group === groupPrefix) return prefixNumber(prefixOf(at));
  const place = places[at] as Cell;
  return group === groupRegion ? coarserCell(place, p.locationResolution) : place;
};

const rowOf = (one: Epoch["assets"][number], at: number): SettleRow =>
  settleRow(at, {
    kind: one.kind,
    cell: places[one.place] as Cell,
    prefix: prefixOf(one.prefix),
    measured: BigInt(one.measured),
    delivered: BigInt(one.delivered),
    passPpm: one.passPpm,
    bonusPpm: one.bonusPpm,
    bond: one.bondGrains,
  });

const averagesOf = ({ memories }: Epoch): readonly GroupAverage[] => {
  const byKey = new Map<string, GroupAverage>();
  for (const { kind, group, at, demand, supply } of memories) {
    const key = keyOfGroup(group, at);
    byKey.set(`${kind}/${group}/${key}`, { kind, group, key, demand, supply });
  }
  return [...byKey.values()];
};

function settled(epoch: Epoch, rows: readonly SettleRow[], groups = averagesOf(epoch)): Settled {
  const kinds = Array.from({ length: 6 }, (_, kind) => ({
    kind,
    capScalePpm: epoch.capScalePpm,
    steppedEpoch: 0,
    reserve: grains(epoch.reserve),
  }));
  const bonds = rows.map(({ bond }) => bond);
  const settlement = createSettlement({
    epoch: 3,
    parameters: p,
    budgets: budgetsAt(3, p),
    kinds,
    groups,
    bonds,
  });
  for (const row of rows) settlement.add(row);
  return settlement.result();
}

function exact(epoch: Epoch) {
  const averages = averagesOf(epoch);
  const name = (group: number, key: bigint): string => `${group}/${key}`;
  const assets = epoch.assets.map(({ place, prefix, measured, delivered, ...rest }): ExactAsset => {
    const cell = name(groupCell, keyOfGroup(groupCell, place));
    const groups = [
      name(groupPrefix, keyOfGroup(groupPrefix, prefix)),
      name(groupRegion, keyOfGroup(groupRegion, place)),
      cell,
    ];
    return { ...rest, measured: BigInt(measured), delivered: BigInt(delivered), groups, cell };
  });
  const budgets = budgetsAt(3, p);
  return exactSettlement(assets, {
    standbyPpm: (kind) => [p.storageStandbyPpm, p.bandwidthStandbyPpm][kind] as number,
    leverage: p.leverageUnitsPerFair,
    headroomPpm: p.capHeadroomPpm,
    minimumUnits: p.capMinimumUnits,
    floorUnits: p.floorUnits,
    capScalePpm: epoch.capScalePpm,
    budget: (kind) => budgets.kinds[kind] as bigint,
    released: (kind) => {
      const most = ((budgets.kinds[kind] as bigint) * BigInt(p.coverageReleasePpm)) / 1_000_000n;
      return most < epoch.reserve ? most : epoch.reserve;
    },
    past: (kind, group) => {
      const found = averages.find((one) => one.kind === kind && name(one.group, one.key) === group);
      return found && { demand: fraction(found.demand, unit), supply: fraction(found.supply, unit) };
    },
  });
}

test("every reward of thousands of random epochs is that of exact fractions, within the stated rounding", () => {
  let compared = 0;
  fc.assert(
    fc.property(epochs, (epoch) => {
      const found = settled(epoch, epoch.assets.map(rowOf));
      const budgets = budgetsAt(3, p);
      for (const [at, { reward, divided }] of exact(epoch).entries()) {
        const { kind } = epoch.assets[at] as Epoch["assets"][number];
        const off = minus(fraction(found.leaf(at).reward), reward);
        const distance = off.n < 0n ? minus(fraction(0), off) : off;
        // A millionth of a unit for this asset and for each in the sums, in grains; 2^-46 for two scales; a grain each for
        // the reward, its coverage and the rounding of the demand's headroom.
        const perUnit = fraction(2n * (budgets.kinds[kind] as bigint), 1n);
        const millionths = fraction(2 * (epoch.assets.length + 1), 1_000_000);
        const tolerated = plus(
          plus(
            times(times(perUnit, millionths), fraction(divided.d, divided.n)),
            times(reward, fraction(1, 1n << 46n)),
          ),
          fraction(3),
        );
        assert.ok(isLess(distance, tolerated), `asset ${at}: off by ${distance.n}/${distance.d} grains`);
        compared += reward.n > 0n ? 1 : 0;
      }
    }),
    { numRuns: numRuns * 35 },
  );
  assert.ok(compared > numRuns * 35, `${compared} rewards were more than nothing`);
});

test("R-4: a short cell earns a bounded part more, whatever the reserve holds; and what is released is in it", () => {
  let covered = 0;
  fc.assert(
    fc.property(epochs, (epoch) => {
      const found = settled(epoch, epoch.assets.map(rowOf));
      for (let at = 0; at < found.count; at++) {
        const { reward, coverage } = found.leaf(at);
        const most = ((reward - coverage + 1n) * BigInt(p.coverageReleasePpm)) / 1_000_000n;
        assert.ok(coverage <= most, `${coverage} beside ${reward - coverage}`);
        if (coverage > 0n) covered++;
      }
      for (const { budget, coveragePaid } of found.kinds.slice(0, 2)) {
        assert.ok(coveragePaid <= epoch.reserve);
        assert.ok(coveragePaid * 1_000_000n <= budget * BigInt(p.coverageReleasePpm));
      }
    }),
    { numRuns: numRuns * 4 },
  );
  assert.ok(covered > 5, `${covered} assets stood in short cells`);
});

test("R-4: what a place is given rises from four fifths of use to all of it, without an edge and without rounding", () => {
  const released = (demand: bigint, supply: bigint) =>
    releasedTo({ demand, supply }, { capHeadroomPpm: 250_000 }, 700n);
  assert.is(released(4n, 5n), 0n);
  assert.is(released(6n, 8n), 0n);
  assert.is(released(6n, 7n), 200n, "two sevenths of the way");
  assert.is(released(9n, 10n), 350n, "half of it");
  assert.is(released(5n, 5n), 700n);
  assert.is(released(9n, 5n), 700n);
  assert.is(released(1n, 0n), 700n);
  assert.is(released(0n, 0n), 0n);
});

test("R-1, R-4: receipts beyond what was proved count for nothing, now and in what groups remember", () => {
  fc.assert(
    fc.property(epochs, fc.integer({ min: 1, max: 1 << 30 }), (epoch, more) => {
      const rows = epoch.assets.map(rowOf).map((row) => ({ ...row, delivered: row.measured }));
      const signed = rows.map((row) => ({ ...row, delivered: row.measured + BigInt(more) }));
      const [one, other] = [settled(epoch, rows), settled(epoch, signed)];
      for (let at = 0; at < one.count; at++) assert.is(other.leaf(at).reward, one.leaf(at).reward);
      assert.equal(other.groups, one.groups);
      // Nobody was there before: no group can have more use than capacity.
      for (const { demand, supply } of settled(epoch, signed, []).groups) assert.ok(demand <= supply);
    }),
    { numRuns: numRuns * 2 },
  );
});

test("the order of the rows and of what groups remember changes no reward, no sum, no average and no measure", () => {
  fc.assert(
    fc.property(epochs, fc.integer({ min: 1, max: 1 << 30 }), (epoch, seed) => {
      const rows = epoch.assets.map(rowOf);
      const shuffled = rows
        .map((row, at) => ({ row, order: (seed * (at + 7) * 2654435761) % 1009 }))
        .sort((a, b) => a.order - b.order)
        .map(({ row }) => row);
      const [one, other] = [settled(epoch, rows), settled(epoch, shuffled, averagesOf(epoch).toReversed())];
      const byId = (some: Settled, of: readonly SettleRow[]) =>
        new Map(
          of.map(({ assetId: id }, at) => [
            toHex(id),
            [some.leaf(at), { ...some.explanation(at), evidence: [] }] as const,
          ]),
        );
      const expected = byId(one, rows);
      for (const [id, found] of byId(other, shuffled)) assert.equal(found, expected.get(id));
      assert.equal(other.kinds, one.kinds);
      assert.equal(other.nextKinds, one.nextKinds);
      assert.equal(other.concentration, one.concentration);
      const sorted = (some: Settled) =>
        some.groups
          .map(({ kind, group, key, ...rest }) => `${kind}/${group}/${key} ${rest.demand} ${rest.supply}`)
          .sort();
      assert.equal(sorted(other), sorted(one));
    }),
    { numRuns: numRuns * 4 },
  );
});

test("R-10: Gini, Herfindahl, Nakamoto and top share are their definitions, rounded down to ppm", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 1n, max: 1n << 50n }), { minLength: 1, maxLength: 25 }), (amounts) => {
      const sum = amounts.reduce((a, b) => a + b, 0n);
      const n = BigInt(amounts.length);
      const differences = amounts
        .flatMap((a) => amounts.map((b) => (a > b ? a - b : b - a)))
        .reduce((a, b) => a + b, 0n);
      const descending = amounts.toSorted((a, b) => (a < b ? 1 : -1));
      const fewest = (part: bigint): number => {
        let held = 0n;
        return (
          descending.findIndex((amount) => {
            held += amount;
            return held * part > sum;
          }) + 1
        );
      };
      assert.equal(concentrationOf(amounts), {
        giniPpm: Number((1_000_000n * differences) / (2n * n * sum)),
        herfindahlPpm: Number((1_000_000n * amounts.reduce((a, b) => a + b * b, 0n)) / (sum * sum)),
        nakamotoThird: fewest(3n),
        nakamotoHalf: fewest(2n),
        topSharePpm: Number((1_000_000n * (descending[0] as bigint)) / sum),
      });
    }),
    { numRuns: numRuns * 4 },
  );
  // 1 to 5: Gini 4/15. One of ten holds everything but nine grains. Two halves. 40, 30, 20, 10.
  assert.is(concentrationOf([1n, 2n, 3n, 4n, 5n]).giniPpm, 266_666);
  assert.equal(concentrationOf([991n, ...new Array<bigint>(9).fill(1n)]).giniPpm, 891_000);
  assert.equal(concentrationOf([7n, 7n]), {
    giniPpm: 0,
    herfindahlPpm: 500_000,
    nakamotoThird: 1,
    nakamotoHalf: 2,
    topSharePpm: 500_000,
  });
  assert.equal(concentrationOf([40n, 30n, 20n, 10n]), {
    giniPpm: 250_000,
    herfindahlPpm: 300_000,
    nakamotoThird: 1,
    nakamotoHalf: 2,
    topSharePpm: 400_000,
  });
  assert.is(most(fraction(1), fraction(2)).n, 2n);
});

test.run();
