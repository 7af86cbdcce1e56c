// A range of seeds on several cores: each worker takes the next seed when it has ended one. Reports arrive as seeds end, so
// in no fixed order; what a seed does never depends on which worker ran it.
import { Worker } from "node:worker_threads";
import type { Report } from "./report.ts";
import { runWorld, type WorldOptions } from "./world.ts";

export interface SeedRun {
  readonly world: Omit<WorldOptions, "seed" | "compose">;
  readonly seeds: readonly number[];
  /** Worker threads; 1 runs everything here. */
  readonly jobs: number;
  readonly onReport: (report: Report) => void;
}

/** Rejects when a world throws: that is a fault of the simulator or a broken invariant, not a violation. */
export async function runSeeds({ world, seeds, jobs, onReport }: SeedRun): Promise<void> {
  const queue = [...seeds];
  if (jobs === 1 || queue.length === 1) {
    for (const seed of queue) onReport(await runWorld({ ...world, seed }));
    return;
  }
  await Promise.all(Array.from({ length: Math.min(jobs, queue.length) }, () => lane(world, queue, onReport)));
}

/** A worker's file has the suffix of this one: .ts from sources, .js in a build. */
const workerFile = new URL(
  `./simulate-worker${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`,
  import.meta.url,
);

function lane(world: SeedRun["world"], queue: number[], onReport: SeedRun["onReport"]): Promise<void> {
  const worker = new Worker(workerFile, { workerData: world });
  return new Promise<void>((resolve, reject) => {
    const next = (): void => {
      const seed = queue.shift();
      if (seed === undefined) resolve();
      else worker.postMessage(seed);
    };
    worker.on("message", (report: Report) => {
      onReport(report);
      next();
    });
    worker.on("error", reject);
    next();
  }).finally(() => worker.terminate());
}
