// The small rules beside the allocation, each against its words: duty pay, groups, the reserve's release,
// concentration by group and what it does to caps.
import fc from "fast-check";
import { cellToParent, latLngToCell } from "h3-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cellAt, fair } from "../../src/primitives/index.ts";
import {
  agrees,
  auditEntryPay,
  budgetsAt,
  capScaleMax,
  capScaleMin,
  coarserCell,
  committeePay,
  concentrationOf,
  createSettlement,
  type GroupAverage,
  groupCell,
  groupKeys,
  noOutcome,
  outcomeOf,
  releasedTo,
  steerCaps,
  weightPerUnit,
} from "../../src/rewards/index.ts";
import { parametersOf } from "../../src/schema/index.ts";
import { settleRow } from "../support/settle-row.ts";

const p = parametersOf("mainnet");

test("R-8: half for blocks, each the same; half equally to seats that stand in a third of the samples", () => {
  const rules = { proposerPartPpm: 500_000, epochBlocks: 10 };
  const work = { proposed: [6, 3, 0, 0], sampled: [9, 3, 2, 0], samples: 9 };
  // 1,000: 50 for each of ten blocks, one of which was not made; 125 for each of four seats, two of which were away.
  assert.equal(committeePay(1_000n, work, rules), [300n + 125n, 150n + 125n, 0n, 0n]);
  assert.equal(committeePay(1_000n, { ...work, samples: 0 }, rules), [425n, 275n, 125n, 125n], "none were sampled");
  assert.equal(committeePay(1_000n, { proposed: [], sampled: [], samples: 0 }, rules), []);
});

test("R-8: an accepted entry earns its part of what was assigned, or of the floor in a small network", () => {
  assert.is(auditEntryPay(1_000n, 40, 16), 25n);
  assert.is(auditEntryPay(1_000n, 3, 16), 62n);
});

test("R-3: a coarser cell is H3's parent, at every resolution", () => {
  const place = fc.record({
    lat: fc.double({ min: -90, max: 90, noNaN: true }),
    lng: fc.double({ min: -180, max: 180, noNaN: true }),
  });
  fc.assert(
    fc.property(place, fc.integer({ min: 0, max: 7 }), ({ lat, lng }, resolution) => {
      const cell = latLngToCell(lat, lng, 7);
      assert.is(coarserCell(BigInt(`0x${cell}`), resolution).toString(16), cellToParent(cell, resolution));
    }),
    { numRuns: 300 },
  );
});

test("R-3: an asset's groups are its prefix where there are prefix rules, its region and its cell", () => {
  const at = { cell: cellAt(52.5, 13.4), prefix: Uint8Array.of(4, 10, 0, 7, 0) };
  const region = coarserCell(at.cell, 5);
  assert.equal(groupKeys(at, { prefixRules: 1, locationResolution: 5 }), [0x04_0a_00_07_00n, region, at.cell]);
  assert.equal(groupKeys(at, { prefixRules: 0, locationResolution: 5 }), [undefined, region, at.cell]);
});

test("R-4: nothing is released within the headroom, all of it at full use, in proportion between", () => {
  const released = (demand: bigint): bigint =>
    releasedTo({ demand, supply: 1_000n }, { capHeadroomPpm: 250_000 }, 1_000_000n);
  assert.equal([0n, 800n, 900n, 1_000n, 5_000n].map(released), [0n, 0n, 500_000n, 1_000_000n, 1_000_000n]);
  assert.is(releasedTo(undefined, { capHeadroomPpm: 250_000 }, 1_000_000n), 0n);
});

test("P-5: a prefix is confirmed by more than half of those who were assigned, however many reported", () => {
  const entry = (direct: boolean) => ({ passed: 1, attempted: 1, measured: 5n, latencyMs: 1, direct });
  const past = { last: noOutcome, epoch: 5 };
  const confirmed = (directs: readonly boolean[], assigned: number): boolean =>
    outcomeOf(directs.map(entry), assigned, past).confirmed;
  assert.ok(confirmed([true, true, false], 3));
  assert.ok(confirmed([true, true], 3));
  assert.not(confirmed([true, false, false], 3));
  assert.not(confirmed([true, true], 4), "half is not more than half");
  assert.not(confirmed([true, true, false, false], 4));
});

test("P-5: pass shares have the lower median, too, and an entry agrees within the tolerated distance on either side", () => {
  const entry = (measured: bigint, passed = 4) => ({ passed, attempted: 4, measured, latencyMs: 1, direct: true });
  const past = { last: noOutcome, epoch: 5 };
  const passOf = (...passed: readonly number[]): number =>
    outcomeOf(
      passed.map((each) => entry(5n, each)),
      passed.length,
      past,
    ).passPpm;
  assert.equal([passOf(4, 1, 3), passOf(2, 4, 1, 3), passOf(0, 0, 4)], [750_000, 500_000, 0]);
  const outcome = outcomeOf([entry(100n), entry(100n), entry(100n)], 3, past);
  const agreed = (measured: bigint, passed = 4): boolean => agrees(entry(measured, passed), outcome, 250_000);
  assert.equal([agreed(100n), agreed(125n), agreed(75n), agreed(126n), agreed(74n)], [true, true, true, false, false]);
  assert.equal([agreed(100n, 3), agreed(100n, 2)], [true, false]);
  const none = outcomeOf([entry(0n, 0), entry(0n, 0), entry(0n, 0)], 3, past);
  assert.equal([agrees(entry(0n, 0), none, 250_000), agrees(entry(1n, 0), none, 250_000)], [true, false]);
});

test("R-3: a group's demand and supply are averaged over epochs, and forgotten in as many", () => {
  const cell = cellAt(52.5, 13.4);
  const reserve = { capScalePpm: capScaleMax, steppedEpoch: 0, reserve: fair(0) };
  const kinds = Array.from({ length: 6 }, (_, kind) => ({ kind, ...reserve }));
  const rules = { ...p, prefixRules: 0, demandAveragingEpochs: 4 };
  const settled = (groups: readonly GroupAverage[], measured: bigint): readonly GroupAverage[] => {
    const head = { epoch: 3, parameters: rules, budgets: budgetsAt(3, rules), kinds, groups, bonds: [] };
    const settlement = createSettlement(head);
    const prefix = new Uint8Array(5);
    if (measured > 0n)
      settlement.add(settleRow(0, { kind: 0, cell, prefix, measured, delivered: 1_000n, bond: fair(1_000) }));
    return settlement.result().groups;
  };
  const ofCell = (groups: readonly GroupAverage[]) =>
    groups.find(({ group, key }) => group === groupCell && key === cell);
  const once = settled([], 400n);
  // A quarter of what was new, in units of weight.
  const first = ofCell(once);
  assert.equal(
    [first?.demand, first?.supply].map((value) => (value ?? 0n) / BigInt(weightPerUnit)),
    [100n, 100n],
  );
  const twice = ofCell(settled(once, 400n));
  assert.is((twice?.supply ?? 0n) / BigInt(weightPerUnit), 175n);
  const idle = ofCell(settled(once, 0n));
  assert.is((idle?.supply ?? 0n) / BigInt(weightPerUnit), 75n);
});

test("R-10: concentration by group is that of prefixes, each once whatever it serves, of rewards and of bonds", () => {
  const cell = cellAt(52.5, 13.4);
  const row = (at: number, kind: number, prefix: number, bond: bigint) =>
    settleRow(at, { kind, cell, prefix: Uint8Array.of(4, 10, 0, prefix, 0), measured: 50n, delivered: 20n, bond });
  const rows = [row(0, 0, 1, fair(100)), row(1, 0, 2, fair(200)), row(2, 1, 1, fair(300)), row(3, 1, 3, fair(50))];
  const kinds = Array.from({ length: 6 }, (_, kind) => {
    return { kind, capScalePpm: capScaleMax, steppedEpoch: 0, reserve: fair(0) };
  });
  const head = { epoch: 3, parameters: { ...p, prefixRules: 1 }, budgets: budgetsAt(3, p), kinds, groups: [] };
  const settlement = createSettlement({ ...head, bonds: rows.map(({ bond }) => bond) });
  for (const one of rows) settlement.add(one);
  const settled = settlement.result();
  const [a = 0n, b = 0n, c = 0n, d = 0n] = rows.map((_, at): bigint => settled.leaf(at).reward);
  const rewards = [a, b, c, d];
  assert.ok(rewards.every((reward) => reward > 0n));
  assert.equal(settled.concentration, [
    concentrationOf(rewards),
    concentrationOf([a + c, b, d]),
    concentrationOf(rows.map(({ bond }) => bond)),
    concentrationOf([fair(400), fair(200), fair(50)]),
  ]);
});

test("R-10: caps step down above either threshold and up below the lower one, once in a while and within their bounds", () => {
  const at = { epoch: 100, parameters: p };
  const calm = concentrationOf([1n, 1n, 1n]);
  const middle = { ...calm, herfindahlPpm: p.herfindahlLowPpm, topSharePpm: p.topShareHighPpm };
  const scale = (capScalePpm: number, groups: typeof calm, steppedEpoch = 0): number =>
    steerCaps({ capScalePpm, steppedEpoch }, groups, at).capScalePpm;
  const down = Math.floor((500_000 * (1_000_000 - p.capStepPpm)) / 1_000_000);
  const up = Math.floor((500_000 * (1_000_000 + p.capStepPpm)) / 1_000_000);
  assert.is(scale(500_000, middle), 500_000);
  assert.is(scale(500_000, { ...middle, herfindahlPpm: p.herfindahlHighPpm + 1 }), down);
  assert.is(scale(500_000, { ...middle, herfindahlPpm: p.herfindahlHighPpm }), 500_000);
  assert.is(scale(500_000, { ...middle, topSharePpm: p.topShareHighPpm + 1 }), down);
  assert.is(scale(500_000, { ...middle, herfindahlPpm: p.herfindahlLowPpm - 1 }), up);
  assert.is(scale(500_000, { ...middle, topSharePpm: p.topShareHighPpm + 1 }, 100 - p.capStepEpochs), down);
  assert.is(scale(500_000, { ...middle, topSharePpm: p.topShareHighPpm + 1 }, 101 - p.capStepEpochs), 500_000);
  assert.is(scale(capScaleMax, { ...middle, herfindahlPpm: p.herfindahlLowPpm - 1 }), capScaleMax);
  assert.is(scale(capScaleMin, { ...middle, topSharePpm: p.topShareHighPpm + 1 }), capScaleMin);
  assert.equal(steerCaps({ capScalePpm: 500_000, steppedEpoch: 7 }, concentrationOf([]), at), {
    ...{ capScalePpm: 500_000, steppedEpoch: 7 },
  });
});

test.run();
