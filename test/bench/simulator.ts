// bench simulator: simulated views a second at 4, 16 and 64 seats with cheap signatures, and at 4 with real ML-DSA; against the
// bare event loop, which runs as many empty events as the 4-seat world had.
import { Scheduler, seededRandom } from "../../simulation/environment/index.ts";
import { loadScenario } from "../../simulation/scenario.ts";
import { runWorld } from "../../simulation/world.ts";
import { alternate, type BenchResult } from "./measure.ts";

export const title = "simulated views a second at 4 seats, against the simulator's event loop alone";

async function viewsPerSecond(nodes: number, blocks: number, signatures: "cheap" | "ml-dsa" = "cheap") {
  const scenario = { ...loadScenario("calm"), nodes, blocks };
  const startedMs = performance.now();
  const report = await runWorld({ scenario, seed: 1, signatures });
  const seconds = (performance.now() - startedMs) / 1000;
  if (report.violations.length > 0) throw new Error(report.violations.join());
  return { rate: report.views / seconds, events: report.events, views: report.views };
}

/** The same number of views, if an event cost nothing but the loop. */
async function emptyViewsPerSecond(events: number, views: number): Promise<number> {
  const scheduler = new Scheduler({ startMs: 0, random: seededRandom("bench") });
  for (let event = 0; event < events; event++) scheduler.at(event, "empty", () => {});
  const startedMs = performance.now();
  await scheduler.run(events);
  return (views * 1000) / (performance.now() - startedMs);
}

const rounded = (value: number): number => Number(value.toPrecision(3));

export async function run(): Promise<BenchResult> {
  const { events, views } = await viewsPerSecond(4, 60);
  const result = await alternate(
    { ours: async () => (await viewsPerSecond(4, 60)).rate, baseline: () => emptyViewsPerSecond(events, views) },
    { rounds: 5, unit: "simulated views a second at 4 seats, more is better" },
  );
  return {
    ...result,
    seats16: rounded((await viewsPerSecond(16, 20)).rate),
    seats64: rounded((await viewsPerSecond(64, 4)).rate),
    seats4MlDsa: rounded((await viewsPerSecond(4, 30, "ml-dsa")).rate),
  };
}
