// bench finality: the median time from a block's proposal to its commit on every honest node, in one-way network delays, on the
// simulator's virtual clock (so the machine's speed is no part of it); and the same with f seats that never say anything.
import { loadScenario } from "../../simulation/scenario.ts";
import { runWorld } from "../../simulation/world.ts";
import type { BenchResult } from "./measure.ts";

export const title = "median time to finality in one-way delays, against Simplex's optimum of 3";

/** Three message delays: proposal, notarize, finalize. */
const optimum = 3;
const blocks = 60;

async function delays(nodes: number, crashed: boolean) {
  const calm = loadScenario("calm");
  const byzantine = crashed ? { byzantine: { count: "f" as const, of: ["silent" as const] } } : {};
  const report = await runWorld({ scenario: { ...calm, nodes, blocks, ...byzantine }, seed: 1 });
  const { finalityDelays, finality99Ms, views, simulatedMs } = report;
  const latencyMs = calm.latency as number;
  return {
    median: finalityDelays as number,
    of99In100: finality99Ms / latencyMs,
    viewsPerBlock: Math.round((100 * views) / report.blocks) / 100,
    msPerBlock: Math.round(simulatedMs / report.blocks),
  };
}

export async function run(): Promise<BenchResult> {
  const [four, sixteen] = [await delays(4, false), await delays(16, false)];
  const [fourCrashed, sixteenCrashed] = [await delays(4, true), await delays(16, true)];
  return {
    ours: four.median,
    baseline: optimum,
    ratio: four.median / optimum,
    unit: "one-way delays to finality, less is better",
    seats4: four,
    seats16: sixteen,
    seats4WithFSilent: fourCrashed,
    seats16WithFSilent: sixteenCrashed,
  };
}
