// The Compute port on worker threads. One task at a time: sealing uses a whole core, and a node has other things to do.
import { Worker } from "node:worker_threads";
import type { Compute } from "../ports/index.ts";
import { type Bytes, FairmeshError, fromBigEndian } from "../primitives/index.ts";

// A worker's file has the suffix of this one: .ts in a checkout, .js when built.
const suffix = import.meta.url.slice(import.meta.url.lastIndexOf("."));

function runSeal(input: Bytes, signal: AbortSignal, onProgress: (ppm: number) => void): Promise<Bytes> {
  signal.throwIfAborted();
  const seed = input.subarray(0, 32);
  const sectorBytes = Number(fromBigEndian(input.subarray(32)));
  return new Promise((settle, fail) => {
    const worker = new Worker(new URL(`./seal-worker${suffix}`, import.meta.url), {
      workerData: { seed, sectorBytes },
    });
    const stop = (): void => {
      void worker.terminate();
      fail(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
    worker.on("message", (message: { readonly ppm?: number; readonly output?: Bytes }) => {
      if (message.ppm !== undefined) onProgress(message.ppm);
      if (message.output !== undefined) settle(message.output);
    });
    worker.on("error", (cause) => fail(new FairmeshError("SEALING_FAILED", "a sector could not be sealed", { cause })));
    worker.on("exit", () => {
      signal.removeEventListener("abort", stop);
      fail(new FairmeshError("SEALING_FAILED", "the sealing worker ended early"));
    });
  });
}

/** Input of `seal`: 32 bytes of sector seed, 8 of sector length. Output: the sector and then its Merkle tree. */
export function createWorkerCompute(): Compute {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(_task, input, signal, onProgress) {
      const run = last.then(() => runSeal(input, signal, onProgress));
      last = run.catch(() => {});
      return run;
    },
  };
}
