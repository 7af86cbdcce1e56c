// The economics simulation, short: one seed, one report; every rule pays or keeps its budget to the grain; splitting pays under a
// curve by identity and never under ours; stake pays the whale more than caps do; scenario files are read strictly.
import "../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  type EconomicReport,
  htmlOf,
  loadEconomicScenario,
  parseEconomicScenario,
  type RuleReport,
  runEconomics,
  tablesOf,
  textOf,
} from "../../simulation/economics/index.ts";
import { budgetsAt } from "../../src/rewards/index.ts";
import { parametersOf } from "../../src/schema/index.ts";

const lean = { ...loadEconomicScenario("lean"), stepEpochs: 168, reviewSteps: 13 };
const report = runEconomics(lean, { years: 1, seed: 1 });
const ruleOf = (of: EconomicReport, name: string) => of.rules.find((rule) => rule.name === name) as RuleReport;
const meanOf = (rule: RuleReport, value: (sample: RuleReport["samples"][0]) => number): number =>
  rule.samples.reduce((sum, sample) => sum + value(sample), 0) / rule.samples.length;
const problemOf = (value: unknown): string => {
  try {
    parseEconomicScenario(value);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

test("the same seed gives the same report; another gives another", () => {
  assert.equal(runEconomics(lean, { years: 1, seed: 1 }), report);
  assert.not.equal(runEconomics(lean, { years: 1, seed: 2 }).rules[0]?.samples, report.rules[0]?.samples);
});

test("R-5: each rule pays or keeps the service budget, to the grain", () => {
  const p = parametersOf("mainnet");
  let budget = 0n;
  for (let step = 0; step < 52; step++) budget += budgetsAt(step * 168, p).kinds.reduce((sum, kind) => sum + kind, 0n);
  assert.is(report.rules.length, 4);
  for (const rule of report.rules) {
    assert.is(rule.budget, budget, rule.name);
    assert.is(rule.paid + rule.kept, budget, rule.name);
    assert.ok(rule.paid > 0n, rule.name);
  }
});

test("R-6: splitting never pays under our rule, and does under curves by identity", () => {
  const gains = (name: string) => ruleOf(report, name).gains.map(({ split }) => split as number);
  assert.is(gains("fairmesh").length, 4);
  for (const gain of gains("fairmesh")) assert.ok(gain <= 0, `${gain} ppm`);
  for (const gain of gains("square root")) assert.ok(gain > 500_000, `${gain} ppm`);
  for (const gain of gains("saturation")) assert.ok(gain > 50_000, `${gain} ppm`);
});

test("R-7: the whale's share is smaller under our rule than by stake", () => {
  const share = (name: string) => meanOf(ruleOf(report, name), ({ sharePpm }) => sharePpm.whale ?? 0);
  assert.ok(share("fairmesh") > 0);
  assert.ok(share("fairmesh") < share("stake") / 2, `${share("fairmesh")} against ${share("stake")}`);
});

test("P-5: a minority of colluding auditors earns next to nothing for what it does not have", () => {
  for (const rule of report.rules) assert.ok((rule.payPerUnitPpm.colluder as number) < 50_000, rule.name);
});

test("where claimed places are checked, who claims another than its own earns nothing", () => {
  const liars = {
    ...lean,
    locationCheck: true,
    groups: lean.groups.filter(({ role }) => role === "liar" || role === "small"),
  };
  const checked = runEconomics({ ...liars, stepEpochs: 2190 }, { years: 1, seed: 1 });
  assert.is(checked.rules[0]?.payPerUnitPpm.liar, 0);
  assert.ok((report.rules[0]?.payPerUnitPpm.liar as number) > 0);
});

test("R-1, R-4: by the parameters no dealing and no made-up shortage gains; where use costs next to nothing, dealing does", () => {
  const { dealing, gains } = ruleOf(report, "fairmesh");
  const [ours, free] = dealing;
  assert.is(ours?.burnPerUnit, 90_000_000);
  for (const at of [
    ours,
    ...gains.map((one) => ({ ...one, gainPpm: one.dealing, shortagePpm: one.shortage, whalePpm: one.whaleDealing })),
  ])
    for (const gain of [at?.gainPpm, at?.shortagePpm, at?.whalePpm]) assert.ok((gain as number) <= 0, `${gain} ppm`);
  assert.is(free?.burnPerUnit, 50);
  assert.ok((free?.gainPpm as number) > 100_000);
  // Receipts for more than one has gain nothing beyond those for what one has.
  assert.ok((free?.shortagePpm as number) <= (free?.gainPpm as number));
});

test("R-1: at launch, when no use counts, readiness keeps small providers, and no trick gains", () => {
  const launch = { ...lean, demand: { ...lean.demand, burnPerUnit: 1000 } };
  const ofRule = (parameters: Record<string, number>) =>
    ruleOf(runEconomics({ ...launch, parameters }, { years: 1, seed: 1 }), "fairmesh");
  const ours = ofRule({});
  // As the presets were before ADR 15.
  const before = ofRule({ storageStandbyPpm: 300_000, bandwidthStandbyPpm: 200_000, capMinimumUnits: 64 });
  const [now, then] = [ours.samples.at(-1), before.samples.at(-1)];
  assert.ok(ours.paid > 2n * before.paid, `${ours.paid} against ${before.paid}`);
  assert.ok((now?.owners as number) > (then?.owners as number));
  assert.ok((now?.sharePpm.small as number) > (then?.sharePpm.small as number));
  assert.ok((now?.sharePpm.whale as number) < (then?.sharePpm.whale as number));
  for (const { split, dealing, shortage, whaleDealing } of ours.gains)
    for (const gain of [split, dealing, shortage, whaleDealing]) assert.ok((gain as number) <= 0, `${gain} ppm`);
});

test("the report reads as text and as a page that needs nothing else", () => {
  const text = tablesOf(report).map(textOf).join("\n");
  for (const { name } of report.rules) assert.match(text, name);
  const page = htmlOf(report, "npm run economics");
  assert.is(page.match(/<svg /g)?.length, 6);
  assert.not.match(page, /NaN|undefined|Infinity|src=|https?:/);
});

test("scenario files: unknown keys, unknown parameters and ranges that run backwards are refused with their place", () => {
  const groups = [{ name: "small", role: "small", owners: 3 }];
  assert.is(problemOf({ name: "x", groups }), "");
  assert.match(problemOf({ name: "x", groups, wales: 1 }), "wales");
  assert.match(
    problemOf({ name: "x", groups: [{ ...groups[0], units: [5, 1] }] }),
    "groups.0.units: a range is [low, high]",
  );
  assert.match(problemOf({ name: "x", groups, parameters: { leverage: 1 } }), "there is no parameter leverage");
  assert.match(problemOf({ name: "x", groups, parameters: { burnLeverage: 5000 } }), "burnLeverage is from 0 to 1000");
});

test.run();
