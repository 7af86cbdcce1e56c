// Scenarios from outside: one seed is one run, other seeds are others, and a few seeds of each hold every rule.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { AgreementChecker } from "../../simulation/checkers/index.ts";
import { loadScenario, parseScenario } from "../../simulation/scenario.ts";
import { runSimulate, type SimulateOptions } from "../../simulation/simulate.ts";
import { digest } from "../../src/primitives/index.ts";

const seeds = Number(process.env.FAIRMESH_FUZZ_RUNS ?? 4);
const run = (scenario: string, first: number, last = first, more: Partial<SimulateOptions> = {}) =>
  runSimulate({
    scenario,
    seeds: [first, last],
    nodes: undefined,
    blocks: undefined,
    jobs: 1,
    onReport: () => {},
    ...more,
  });

test("the same seed gives the same trace, another seed another", async () => {
  const [one, again, other] = [await run("mixed", 7), await run("mixed", 7), await run("mixed", 8)];
  assert.is(one.traceHash, again.traceHash);
  assert.is.not(one.traceHash, other.traceHash);
});

test("without faults a block is final after three one-way delays", async () => {
  const { finalityDelays, violations } = await run("calm", 1);
  assert.equal(violations, []);
  assert.ok(finalityDelays !== undefined && finalityDelays <= 3.1, String(finalityDelays));
});

for (const scenario of ["mixed", "rotating", "forgetful", "harsh"]) {
  test(`${scenario}: agreement, no slashable pair of an honest seat, liveness after healing`, async () => {
    const summary = await run(scenario, 1, seeds);
    assert.equal(summary.violations, []);
    assert.ok(Object.values(summary.faults).reduce((sum, count) => sum + count, 0) > seeds, "faults happened");
    assert.ok(summary.blocks > 0);
  });
}

test("a disk that was set back whole costs no safety where peers can be asked", async () => {
  const summary = await run("set-back", 1, seeds);
  assert.equal(summary.violations, []);
  assert.ok((summary.faults["set-back"] ?? 0) > seeds);
});

test("flipped bits in a database are noticed, and it is fetched again", async () => {
  const { violations, faults } = await run("forgetful", 1, seeds);
  assert.equal(violations, []);
  assert.ok((faults["database-moved-away"] ?? 0) > 0, "at least one was read");
});

test("beyond f liars it forks, and what was signed names at least f + 1 of them, and no honest seat", async () => {
  for (const seed of [5, 9]) {
    const { violations, byzantine } = await run("fork", seed);
    const [broken] = violations;
    assert.match(broken?.what[0] ?? "", /quorum|finalized and nullified|another block/);
    assert.ok((broken?.culprits.length ?? 0) >= 2, String(broken?.culprits));
    assert.equal(broken?.culprits, broken?.liars, JSON.stringify(byzantine));
  }
});

test("workers see what one thread sees, and a repeated sample has equal traces", async () => {
  const one = await run("mixed", 11, 14);
  const several = await run("mixed", 11, 14, { jobs: 2, repeatEvery: 2 });
  assert.is(several.traceHash, one.traceHash);
  assert.is(several.repeated, 2);
  assert.equal(several.violations, []);
});

test("real ML-DSA signatures change nothing but the time that it takes", async () => {
  const [cheap, real] = [
    await run("calm", 1, 1, { blocks: 3 }),
    await run("calm", 1, 1, { blocks: 3, signatures: "ml-dsa" }),
  ];
  assert.equal(real.violations, []);
  assert.equal([real.blocks, real.finalityDelays], [cheap.blocks, cheap.finalityDelays]);
  assert.is((await run("calm", 1, 1, { blocks: 3, signatures: "ml-dsa" })).traceHash, real.traceHash);
});

test("two digests at one height are a violation", () => {
  const said: string[] = [];
  const checker = new AgreementChecker((text) => said.push(text));
  const commit = (fill: number) => {
    const own = digest(new Uint8Array(32).fill(fill));
    const facts = {
      digest: own,
      parent: digest(new Uint8Array(32)),
      height: 1,
      term: 0,
      timestampMs: 0,
      lastOfTerm: false,
    };
    return { chain: [own], facts, nowMs: 1 };
  };
  checker.committed(0, commit(1) as never);
  assert.equal(said, []);
  checker.committed(1, commit(2) as never);
  assert.is(said.length, 1);
});

test("a scenario with an unknown key or a reversed range is refused with its place", () => {
  for (const [change, place] of [
    [{ nmae: "x" }, /nmae/],
    [{ faults: [{ kind: "crash", everyMs: [5, 1] }] }, /everyMs/],
  ] as const) {
    try {
      parseScenario({ ...loadScenario("calm"), ...change });
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, place);
    }
  }
});

test.run();
