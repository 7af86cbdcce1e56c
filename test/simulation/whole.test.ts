// Whole nodes on a virtual clock: one seed, one outcome to the byte; faults break nothing; and what whoever splits, cheats,
// colludes or holds most of the capacity gets by it.
import "../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadWholeScenario, runWhole, type WholeReport, type WholeScenario } from "../../simulation/whole/index.ts";

const scenario = (name: string, change: Partial<WholeScenario> = {}): WholeScenario => ({
  ...(loadWholeScenario(name) as WholeScenario),
  epochs: 4,
  ...change,
});
const of = ({ groups }: WholeReport, name: string) => groups.find(({ group }) => group === name) as (typeof groups)[0];
const perUnit = (report: WholeReport, name: string, what: "rewards" | "gain"): number => {
  const group = of(report, name);
  return Number(group[what]) / group.units;
};

test("the same seed gives byte-identical epoch records; another gives others", async () => {
  const full = scenario("full", { epochs: 4 });
  const [first, again, other] = [await runWhole(full, 7), await runWhole(full, 7), await runWhole(full, 8)];
  assert.equal(first, again);
  assert.equal(first.violations, []);
  assert.ok(first.groups.every(({ rewards }) => rewards > 0n));
  assert.is.not(other.recordsHash, first.recordsHash);
});

test("loss, and one node after another that is away, cost no agreement and no grain", async () => {
  const report = await runWhole(
    scenario("full", { epochs: 5, lossPpm: 10_000, crashEveryMs: 8_000, awayMs: 2_000 }),
    3,
  );
  assert.equal(report.violations, []);
  assert.is(report.epochs, 4);
  assert.ok(report.groups.reduce((sum, { rewards }) => sum + rewards, 0n) > 0n);
});

test("S-11: one who comes late joins by state, follows, is audited and paid, and has the records of the others to the byte", async () => {
  const report = await runWhole(scenario("late", { epochs: 10 }), 1);
  assert.equal(report.violations, []);
  assert.equal(report.joins, [{ operator: "late 1", height: 144 }]);
  assert.ok(of(report, "late").rewards > 0n);
  assert.ok(of(report, "late").reportedEpoch >= 8, "it audits to the end");
});

test("R-6: the same work split among six identities earns no more rewards than as one", async () => {
  const report = await runWhole(scenario("sybil"), 1);
  assert.equal(report.violations, []);
  assert.ok(of(report, "whole").rewards > 0n);
  assert.ok(of(report, "split").rewards <= of(report, "whole").rewards);
});

test("a minority that serves nothing and lies for one another earns less than honest work, and lies lose to the median", async () => {
  const report = await runWhole(scenario("colluders", { epochs: 6 }), 1);
  assert.equal(report.violations, []);
  assert.is(of(report, "cheater").rewards, 0n);
  assert.ok(perUnit(report, "colluders", "rewards") < perUnit(report, "honest", "rewards") / 4);
  assert.ok(perUnit(report, "colluders", "gain") < perUnit(report, "honest", "gain"));
  assert.ok(of(report, "slanderer").scorePpm < of(report, "honest").scorePpm);
});

test("prepared answers, sectors made anew and one disk for three identities earn nothing but what is really kept", async () => {
  const report = await runWhole(scenario("provers"), 1);
  assert.equal(report.violations, []);
  assert.equal([of(report, "preparer").rewards, of(report, "remaker").rewards], [0n, 0n]);
  const kept = perUnit(report, "honest", "rewards");
  assert.ok(kept > 0);
  assert.ok(Math.abs(perUnit(report, "sharers", "rewards") * 3 - kept) < kept / 100, "one of the three is paid");
});

test("S-13: evidence that everyone sends holds nobody's reports up, and the guilty loses bond", async () => {
  const report = await runWhole(scenario("double-signer"), 1);
  assert.equal(report.violations, []);
  assert.is(of(report, "honest").reportedEpoch, 2, "all reported on the last epoch but one");
  assert.ok(of(report, "honest").rewards > 0n);
  assert.ok(perUnit(report, "guilty", "gain") < perUnit(report, "honest", "gain"));
});

test("ten times the capacity in one place earns less for a unit", async () => {
  const report = await runWhole(scenario("whale"), 1);
  assert.equal(report.violations, []);
  assert.ok(perUnit(report, "whale", "rewards") < perUnit(report, "small east", "rewards"));
});

test.run();
