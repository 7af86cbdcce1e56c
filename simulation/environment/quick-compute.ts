// The Compute port for simulations: sectors that only their seed determines, without the hours that sealing is made of. What
// is simulated is who holds a sector, not what it costs to make one.
import { createCipheriv } from "node:crypto";
import { sectorTree } from "../../src/native/index.ts";
import type { Compute } from "../../src/ports/index.ts";
import { concatBytes, fromBigEndian } from "../../src/primitives/index.ts";

export const quickCompute: Compute = {
  async run(_task, input, signal, onProgress) {
    signal.throwIfAborted();
    const fill = createCipheriv("aes-256-ctr", input.subarray(0, 32), new Uint8Array(16));
    const sector = fill.update(new Uint8Array(Number(fromBigEndian(input.subarray(32)))));
    onProgress(1_000_000);
    return concatBytes(sector, sectorTree(sector));
  },
};
