// What settlement keeps by row and by group in flat memory: columns, exact sums, numbers of keys, and rows that come out as
// they went in. And the bound on units by which an asset's figures fit plain numbers.
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Cell, type Digest, uint64Max } from "../../src/primitives/index.ts";
import { BigintColumn, NumberColumn, SumColumn } from "../../src/rewards/columns.ts";
import { assetUnitsMax, capacityOf, factorsOf, weightPerUnit, workOf } from "../../src/rewards/index.ts";
import { KeyIndex } from "../../src/rewards/key-index.ts";
import { RowTable, type SettleRow } from "../../src/rewards/row-table.ts";
import { parameterTable } from "../../src/schema/index.ts";
import { settleRow } from "../support/settle-row.ts";

const numRuns = Number(process.env.FAIRMESH_FUZZ_RUNS ?? 60);
const pieceLength = 8192;

test("columns hold the ends of their range, over the edge of a piece", () => {
  const [narrow, wide, bigints] = [new NumberColumn("narrow"), new NumberColumn("wide"), new BigintColumn()];
  for (let at = 0; at < pieceLength + 3; at++) {
    narrow.push(2 ** 32 - 1 - at);
    wide.push(Number.MAX_SAFE_INTEGER - at);
    bigints.push(uint64Max - BigInt(at));
  }
  for (const at of [0, pieceLength - 1, pieceLength, pieceLength + 2]) {
    assert.is(narrow.at(at), 2 ** 32 - 1 - at);
    assert.is(wide.at(at), Number.MAX_SAFE_INTEGER - at);
    assert.is(bigints.at(at), uint64Max - BigInt(at));
  }
  bigints.add(pieceLength, 5n);
  assert.is(bigints.values()[pieceLength], uint64Max - BigInt(pieceLength) + 5n);
  assert.is(bigints.values().length, pieceLength + 3);
});

test("a sum of weights is exact where one number would not hold it", () => {
  const most = fc.nat(20).map((less) => 2 ** 52 - 1 - less);
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          most,
          fc.maxSafeNat().map((one) => one % 2 ** 52),
        ),
        { maxLength: 60 },
      ),
      (values) => {
        const sums = new SumColumn();
        sums.push();
        sums.push();
        for (const value of values) sums.add(1, value);
        assert.is(
          sums.at(1),
          values.reduce((sum, value) => sum + BigInt(value), 0n),
        );
        assert.is(sums.at(0), 0n);
      },
    ),
    { numRuns },
  );
});

test("a sum that comes to 2^52 just so is carried once", () => {
  const sums = new SumColumn();
  sums.push();
  for (const value of [2 ** 51, 2 ** 51, 1]) sums.add(0, value);
  assert.is(sums.at(0), 2n ** 52n + 1n);
});

test("the highest parameters leave an asset's work and capacity below 2^52", () => {
  const bound = (id: string): number => parameterTable.find((row) => row.name === id)?.max as number;
  assert.is(bound("unitsPerAssetMax"), assetUnitsMax);
  const bonusPpm = Math.max(bound("meterBonusPpm"), bound("certificateBonusPpm"));
  const units = BigInt(assetUnitsMax);
  const factors = factorsOf({ measured: units, delivered: uint64Max, passPpm: 1_000_000, bonusPpm });
  assert.ok(workOf(factors, 1_000_000) < 2 ** 52);
  assert.is(BigInt(workOf(factors, 0)), (units * weightPerUnit * BigInt(1_000_000 + bonusPpm)) / 1_000_000n);
  assert.is(BigInt(capacityOf(factors)), units * weightPerUnit);
  assert.throws(() => factorsOf({ measured: units + 1n, delivered: 0n, passPpm: 0, bonusPpm: 0 }), /bounded/);
});

test("keys are numbered in the order of their first meeting, however alike they are and however many", () => {
  const index = new KeyIndex();
  const known = new Map<string, number>();
  const half = fc.oneof(fc.nat(3), fc.constantFrom(2 ** 32 - 1, 2 ** 31), fc.nat(2 ** 32 - 1));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(17), half, half), { minLength: 50, maxLength: 200 }), (keys) => {
      for (const [space, high, low] of keys) {
        const name = `${space}/${high}/${low}`;
        assert.is(index.find(space, high, low), known.get(name) ?? -1);
        if (known.has(name)) continue;
        known.set(name, known.size);
        assert.is(index.add(space, high, low), known.size - 1);
      }
      assert.is(index.count, known.size);
    }),
    { numRuns: Math.max(60, numRuns) },
  );
  assert.ok(known.size > 1024, `${known.size} keys: the table grew`);
  const [first] = known.keys();
  const [space, high, low] = (first as string).split("/").map(Number) as [number, number, number];
  assert.throws(() => index.add(space, high, low), /once/);
});

test("rows come out as they went in, with their evidence", () => {
  const record = <T extends object>(fields: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
    fc.record<T>(fields, { noNullPrototype: true });
  const u32 = fc.nat(2 ** 32 - 1);
  const row = record({
    kind: fc.nat(5),
    cell: fc.bigInt(0n, uint64Max).map((cell) => cell as Cell),
    prefix: fc.uint8Array({ minLength: 5, maxLength: 5 }),
    assigned: fc.nat(255),
    last: record({
      measured: fc.bigInt(0n, uint64Max),
      passPpm: u32,
      measuredEpochs: fc.maxSafeNat(),
      held: fc.boolean(),
    }),
    units: fc.constantFrom(BigInt(assetUnitsMax), 700n),
    measured: fc.bigInt(0n, 700n),
    delivered: fc.bigInt(0n, uint64Max),
    passPpm: u32,
    bonusPpm: u32,
    bond: fc.bigInt(0n, uint64Max),
    evidence: fc.array(
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes as Digest),
      { maxLength: 4 },
    ),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (given) => {
      const rows = given.map((one, at): SettleRow => settleRow(at % 7, one));
      const table = new RowTable();
      for (const one of rows) table.push(one);
      assert.is(table.count, rows.length);
      assert.equal(
        rows.map((_, at) => table.at(at)),
        rows,
      );
    }),
    { numRuns },
  );
});

test.run();
