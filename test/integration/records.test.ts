// Provider records over time (D-3), with hours as seconds: ours are announced again before they end; one whose node is gone, or
// withdrew it, ends. Looked at where others keep them: the provider itself would answer for what it provides.
import { MemoryDatastore } from "datastore-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { assetId, cellAt } from "../../src/primitives/index.ts";
import { stopAfterEach } from "../support/stop-after.ts";
import { startMesh, type TestNode } from "../support/test-network.ts";

const during = stopAfterEach(test);
const id = assetId(new Uint8Array(32).fill(9));
const validityMs = 3_000;
const recordTimes = { interval: 500, threshold: validityMs / 2, validity: validityMs };
const wait = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
/** One for the asset, and one for each resolution from 0 to 7. */
const recordsOfAsset = 9;

/** Others are a moment apart: waits until there are so many. */
async function until(records: () => Promise<number>, count: number): Promise<void> {
  for (const endMs = performance.now() + 30_000; performance.now() < endMs; await wait(100))
    if ((await records()) === count) return;
  throw new Error(`there are ${await records()}, and not ${count}`);
}

async function provided() {
  const datastore = new MemoryDatastore();
  const { nodes } = await during(
    startMesh(3, (index) => (index === 0 ? { recordTimes, datastore: datastore as never } : { recordTimes })),
  );
  const [, asker, provider] = nodes as [TestNode, TestNode, TestNode];
  /** Records of the provider that another node keeps. */
  const kept = async (): Promise<number> => {
    let count = 0;
    for await (const key of datastore.queryKeys({ prefix: "/dht/provider" }))
      if (key.toString().endsWith(provider.network.peerId)) count++;
    return count;
  };
  const finds = async (): Promise<boolean> => {
    for await (const _ of asker.network.discovery.findAsset(id, AbortSignal.timeout(10_000))) return true;
    return false;
  };
  await provider.network.discovery.provide({ id, kind: "storage", cell: cellAt(52.5, 13.4) });
  await until(kept, recordsOfAsset);
  assert.ok(await finds());
  return { provider, kept, finds };
}

test("what is provided is announced again, and kept long after its first record ended", async () => {
  const { kept, finds } = await provided();
  await wait(2 * validityMs);
  await until(kept, recordsOfAsset);
  assert.ok(await finds());
});

test("what was withdrawn is forgotten, and found no more", async () => {
  const { provider, kept, finds } = await provided();
  await provider.network.discovery.withdraw(id);
  await until(kept, 0);
  await until(async () => Number(await finds()), 0);
});

test("the records of a node that is gone end", async () => {
  const { provider, kept, finds } = await provided();
  await provider.network.stop();
  await until(kept, 0);
  await until(async () => Number(await finds()), 0);
});

test.run();
