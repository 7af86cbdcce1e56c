// The worker's Compute and its twin against Compute's contract.
import { test } from "uvu";
import { createWorkerCompute, sealSector } from "../../src/native/index.ts";
import type { Bytes } from "../../src/primitives/index.ts";
import { computeContract } from "../contract/compute.ts";
import { createInlineCompute } from "../support/inline-compute.ts";

const sealed = (seed: Bytes, bytes: number): Bytes => sealSector(seed, bytes, () => {});

computeContract(test, "in the same thread", { make: createInlineCompute, sealed });
computeContract(test, "workers", { make: createWorkerCompute, sealed });

test.run();
