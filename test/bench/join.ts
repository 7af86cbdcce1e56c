// How long an empty node takes to stand where its network's newest term ended: by state (S-11), against executing every block
// from genesis. Both on LevelDB; blocks and proofs come from memory, and signatures cost nothing, which favours the blocks.
import "../../src/native/hasher.ts";

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "../../src/ports/index.ts";
import { equalBytes } from "../../src/primitives/index.ts";
import { blockCodec, blockDigest } from "../../src/schema/index.ts";
import { openLevelStore } from "../../src/storage/index.ts";
import { joiner, manyAccounts, type ServedChain, servedChain } from "../support/served-chain.ts";
import { alternate, type BenchResult } from "./measure.ts";

export const title = "milliseconds to join a chain by state, against executing its blocks";

/** Below the epochs after which bodies go. */
const terms = 20;
const rounds = 3;

async function onLevel(run: (store: Store) => Promise<void>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "fairmesh-join-bench-"));
  const store = await openLevelStore(join(folder, "db"));
  try {
    const startedMs = performance.now();
    await run(store);
    return performance.now() - startedMs;
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
}

const byState = (served: ServedChain): Promise<number> =>
  onLevel(async (store) => {
    const { app, join: one } = await joiner(served, [served.source], { store });
    await one.run(new AbortController().signal);
    if (app.tip().facts.height !== served.height) throw new Error("it did not join");
  });

const byBlocks = (served: ServedChain): Promise<number> =>
  onLevel(async (store) => {
    const { queries } = served.chain.app;
    const app = await served.chain.open(store);
    for (let height = 1; height <= served.height; height++) {
      const block = queries.block(height);
      const finalization = queries.finalization(height) ?? queries.finalization(served.height);
      if (block === undefined || finalization === undefined) throw new Error(`block ${height} is gone`);
      const { kind } = await app.check(blockCodec.encode(block), Number.MAX_SAFE_INTEGER);
      if (kind !== "valid") throw new Error(`block ${height} is ${kind}`);
      await app.commit([blockDigest(block.header)], finalization, []);
    }
    if (!equalBytes(app.queries.state().root, queries.block(served.height)?.header.stateRoot as Uint8Array))
      throw new Error("another state");
  });

export async function run(): Promise<BenchResult> {
  const served = await servedChain(terms, { accountsMore: manyAccounts, parameters: { trustingEpochs: 1000 } });
  const result = await alternate(
    { ours: () => byState(served), baseline: () => byBlocks(served) },
    { rounds, unit: "ms, less is better" },
  );
  const chunks = [...served.snapshots.chunks({ height: served.height, fromIndex: 0 })];
  const stateKiB = Math.round(chunks.reduce((sum, chunk) => sum + chunk.length, 0) / 1024);
  return { ...result, blocks: served.height, stateKiB };
}
