// The Compute port on worker threads. One task at a time unless told otherwise: sealing uses a whole core, and a node has other
// things to do.
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

/**
 * Input of `seal`: 32 bytes of sector seed, 8 of sector length. Output: the sector and then its Merkle tree. At most `threads` tasks at
 * once, each a whole core and memory of a sector; the others wait in order.
 */
export function createWorkerCompute(threads = 1): Compute {
  const lanes = Array.from({ length: threads }, () => ({ last: Promise.resolve() as Promise<unknown>, waiting: 0 }));
  return {
    async run(_task, input, signal, onProgress) {
      const lane = lanes.reduce((least, each) => (each.waiting < least.waiting ? each : least));
      const run = lane.last.then(() => runSeal(input, signal, onProgress));
      lane.waiting++;
      lane.last = run.catch(() => {}).finally(() => lane.waiting--);
      return run;
    },
  };
}
