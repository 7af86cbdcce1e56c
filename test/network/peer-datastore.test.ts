// The peer store's end: libp2p goes on writing for a moment, and that must not bring a stopping node down.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Key } from "interface-datastore";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openPeerDatastore } from "../../src/network/index.ts";
import { quietLog } from "../support/quiet-ports.ts";

test("what is written while it closes, or after, is let go without an error", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fairmesh-peers-"));
  const store = await openPeerDatastore(folder, quietLog);
  const key = new Key("/peers/a");
  await store.put(key, Uint8Array.of(1));
  const during = [store.put(key, Uint8Array.of(2)), store.close(), store.put(key, Uint8Array.of(3))];
  await Promise.all(during);
  await store.put(key, Uint8Array.of(4));
  await store.delete(key);
  const again = await openPeerDatastore(folder, quietLog);
  assert.ok(((await again.get(key))[0] as number) <= 2);
  await again.close();
  await rm(folder, { recursive: true });
});

// libp2p takes a peer that it cannot read for unknown, and writes the news alone over all that it knew.
test("a read that was given up, as all are when a node stops, answers all the same", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fairmesh-peers-"));
  const store = await openPeerDatastore(folder, quietLog);
  const key = new Key("/peers/a");
  await store.put(key, Uint8Array.of(1));
  assert.equal([...(await store.get(key, { signal: AbortSignal.abort() }))], [1]);
  await store.close();
  await rm(folder, { recursive: true });
});

test.run();
