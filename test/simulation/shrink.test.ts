// Beyond f silent seats consensus halts and does not fork; and shrinking finds that nothing else about the run mattered.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { parseScenario, writeScenario } from "../../simulation/scenario.ts";
import { kindOfViolation, shrink } from "../../simulation/shrink.ts";
import { runWorld } from "../../simulation/world.ts";

const scenario = parseScenario({
  name: "two of four are silent",
  lossPpm: 10_000,
  clockOffsetMs: 50,
  deltaMaxMs: 1000,
  faultsMs: 3000,
  blocks: 1,
  byzantine: { count: 2, of: ["silent"] },
  schedule: [
    { atMs: 500, untilMs: 900, kind: "crash", nodes: [0] },
    { atMs: 700, untilMs: 2000, kind: "isolate", nodes: [1] },
    { atMs: 900, untilMs: 2500, kind: "loss", nodes: [2], ppm: 100_000 },
  ],
});

test("beyond f crashes it halts, and nobody commits anything else", async () => {
  const { violations } = await runWorld({ scenario, seed: 1 });
  assert.is(violations.length, 2, "the two honest nodes");
  for (const violation of violations) assert.match(violation, /is at height 0 and not at 1/);
});

test("a failing run is made small: no fault is left of three, and the file says the same run", async () => {
  const report = await runWorld({ scenario, seed: 1 });
  const small = await shrink({ scenario, seed: 1 }, report, { triesMax: 40 });
  assert.equal(small.scenario.schedule, []);
  assert.equal([small.scenario.lossPpm, small.scenario.clockOffsetMs], [0, 0]);
  assert.equal(small.scenario.byzantine, scenario.byzantine, "that is what it is about");
  const again = await runWorld({ scenario: parseScenario(parse(writeScenario(small.scenario))), seed: 1 });
  assert.is(again.traceHash, small.report.traceHash);
  assert.is(kindOfViolation(again), kindOfViolation(report));
});

test.run();
