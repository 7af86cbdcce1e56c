// One worker of `simulate`: runs the seeds that it is handed, one at a time, and posts each report. Started by run-seeds.ts.
import { parentPort, workerData } from "node:worker_threads";
import { invariant } from "../src/primitives/index.ts";
import { runWorld, type WorldOptions } from "./world.ts";

const port = parentPort;
invariant(port !== null, "this file runs as a worker");
const options = workerData as Omit<WorldOptions, "seed">;
port.on("message", (seed: number) => {
  runWorld({ ...options, seed }).then(
    (report) => port.postMessage(report),
    (error: unknown) => {
      throw error;
    },
  );
});
