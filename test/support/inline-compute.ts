// The Compute port in the calling thread: the twin of the worker's.
import { sealSector } from "../../src/native/index.ts";
import type { Compute } from "../../src/ports/index.ts";
import { fromBigEndian } from "../../src/primitives/index.ts";

export const createInlineCompute = (): Compute => ({
  async run(_task, input, signal, onProgress) {
    signal.throwIfAborted();
    return sealSector(input.subarray(0, 32), Number(fromBigEndian(input.subarray(32))), (ppm) => {
      onProgress(ppm);
      signal.throwIfAborted();
    });
  },
});
