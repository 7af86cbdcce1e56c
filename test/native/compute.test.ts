// The worker's Compute and its twin against Compute's contract.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createWorkerCompute, sealSector } from "../../src/native/index.ts";
import { type Bytes, bigEndian, concatBytes } from "../../src/primitives/index.ts";
import { computeContract } from "../contract/compute.ts";
import { createInlineCompute } from "../support/inline-compute.ts";

const sealed = (seed: Bytes, bytes: number): Bytes => sealSector(seed, bytes, () => {});

computeContract(test, "in the same thread", { make: createInlineCompute, sealed });
computeContract(test, "workers", { make: createWorkerCompute, sealed });

for (const threads of [1, 2]) {
  test(`${threads} at once, the rest in order`, async () => {
    const compute = createWorkerCompute(threads);
    const input = concatBytes(new Uint8Array(32), bigEndian(256 << 10));
    const [begun, atEnd] = [new Set<number>(), [] as number[]];
    const seal = async (index: number): Promise<void> => {
      await compute.run("seal", input, new AbortController().signal, () => begun.add(index));
      atEnd.push(begun.size);
    };
    await Promise.all([0, 1, 2, 3, 4, 5].map(seal));
    assert.is(atEnd.length, 6);
    for (const [ended, count] of atEnd.entries())
      assert.ok(count <= ended + threads, `${count} were begun when ${ended} had ended`);
    assert.ok(
      atEnd.some((count, ended) => count === ended + threads),
      "as many as there may be",
    );
  });
}

test.run();
