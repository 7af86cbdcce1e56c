// Plants each bug in a worker of its own and sees whether it is caught. Used by `npm run planted` and by the tests.
import { Worker } from "node:worker_threads";
import type { Catch } from "./plant-worker.ts";
import type { PlantedBug } from "./planted-bug.ts";

export type { Catch };

/** Patched code may turn in circles. */
const limitMs = 600_000;

/** Rejects when the bug cannot be planted. A crash of the patched code is no catch: a rule has to be seen broken. */
export function catchPlanted(bug: PlantedBug): Promise<Catch> {
  const worker = new Worker(new URL("./plant-worker.ts", import.meta.url), { workerData: bug });
  return new Promise<Catch>((resolve, reject) => {
    const timer = setTimeout(() => resolve({ after: undefined, violation: "out of time" }), limitMs);
    worker.once("message", resolve);
    worker.once("exit", () => clearTimeout(timer));
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error(`${bug.name}: the worker ended without an answer`)));
  }).finally(() => worker.terminate());
}
