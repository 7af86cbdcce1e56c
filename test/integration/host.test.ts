// The host's own duties: what it keeps over a restart, whom it lets in, private networks, and that it stops without a trace.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { peerIdFromString } from "@libp2p/peer-id";
import { generateKey } from "@libp2p/pnet";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openPeerDatastore } from "../../src/network/index.ts";
import { makeBarePeer } from "../support/bare-peer.ts";
import { createMemoryLog } from "../support/memory-telemetry.ts";
import { quietLog } from "../support/quiet-ports.ts";
import { eventually, type MakeNode, makeNode, startMesh, type TestNode } from "../support/test-network.ts";

const soon = (): AbortSignal => AbortSignal.timeout(10_000);
const addressOf = ({ network }: TestNode): string => network.addresses()[0] as string;
let folder = "";

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairmesh-host-"));
});
test.after(() => rm(folder, { recursive: true, force: true }));

async function started(index: number, make: MakeNode = {}): Promise<TestNode> {
  const node = await makeNode(index, make);
  await node.network.start();
  return node;
}

test("peers met are found again after a restart, without a bootstrap list; so are bans", async () => {
  const fixed = await started(40);
  const path = join(folder, "peers");
  let datastore = await openPeerDatastore(path, quietLog);
  const first = await started(41, { datastore });
  await first.network.dial(addressOf(fixed), soon());
  await eventually("they are bound", () => first.network.transport.peers().length === 1);
  const liar = await makeBarePeer(40);
  await liar.join(addressOf(first), new Uint8Array(10)).catch(() => undefined);
  await eventually("a liar is banned", () => first.network.bans().length === 1);
  await first.network.stop();
  await datastore.close();
  datastore = await openPeerDatastore(path, quietLog);
  const again = await started(41, { datastore });
  assert.is(again.network.bans()[0]?.peer, liar.host.peerId.toString());
  await eventually("it found its way back", () => again.network.transport.peers().length === 1);
  again.network.unban(liar.host.peerId.toString());
  assert.equal(again.network.bans(), []);
  await Promise.all([again.network.stop(), fixed.network.stop(), liar.stop()]);
  await datastore.close();
});

test("a damaged peer store is put aside and begun anew; one in use is not", async () => {
  const path = join(folder, "damaged");
  await (await openPeerDatastore(path, quietLog)).close();
  await writeFile(join(path, "CURRENT"), "rubbish");
  const log = createMemoryLog();
  const store = await openPeerDatastore(path, log);
  assert.ok(log.lines.some(({ message }) => message.startsWith("the peer store cannot be opened")));
  const second = await openPeerDatastore(path, log).then(
    () => "opened",
    () => "refused",
  );
  assert.is(second, "refused");
  await store.close();
});

test("with all places taken but those kept for seats, only a seat gets in", async () => {
  const node = await started(42, { options: { connectionsMax: 4 } });
  const peers = await Promise.all([50, 51, 52, 53, 54].map((index) => makeBarePeer(index)));
  for (const peer of peers.slice(0, 3)) await peer.join(addressOf(node));
  await eventually("three are in", () => node.network.peers().length === 3);
  await (peers[3] as (typeof peers)[0]).join(addressOf(node)).catch(() => undefined);
  await new Promise((wake) => setTimeout(wake, 200));
  assert.is(node.network.peers().length, 3, "the fourth is refused");
  const seat = peers[4] as (typeof peers)[0];
  node.network.reserve([seat.host.peerId.toMultihash().bytes]);
  await seat.join(addressOf(node));
  await eventually("a seat is in", () => node.network.peers().some(({ peer }) => peer === seat.host.peerId.toString()));
  await Promise.all([node.network.stop(), ...peers.map((peer) => peer.stop())]);
});

test("a peer with a seat is dialled again when it went", async () => {
  const [a, b] = [await started(43), await started(44)];
  await a.network.dial(addressOf(b), soon());
  await eventually("they met", () => a.network.transport.peers().length === 1);
  a.network.reserve([peerIdFromString(b.network.peerId).toMultihash().bytes]);
  const listen = [addressOf(b).split("/p2p/")[0] as string];
  await b.network.stop();
  await eventually("it is gone", () => a.network.transport.peers().length === 0);
  const again = await started(44, { options: { listen } });
  await eventually("it is back", () => a.network.transport.peers().length === 1);
  await Promise.all([a.network.stop(), again.network.stop()]);
});

test("a private network: only those with its key connect", async () => {
  const key = (): Uint8Array => {
    const bytes = new Uint8Array(95);
    generateKey(bytes);
    return bytes;
  };
  const swarmKey = key();
  const [a, b] = [await started(45, { options: { swarmKey } }), await started(46, { options: { swarmKey } })];
  await b.network.dial(addressOf(a), soon());
  await eventually("with the key they meet", () => a.network.transport.peers().length === 1);
  for (const options of [{}, { swarmKey: key() }]) {
    const stranger = await started(47, { options });
    await stranger.network.dial(addressOf(a), AbortSignal.timeout(3_000)).catch(() => undefined);
    assert.is(stranger.network.transport.peers().length, 0);
    await stranger.network.stop();
  }
  assert.is(a.network.transport.peers().length, 1);
  await Promise.all([a.network.stop(), b.network.stop()]);
});

test("a node that is only reached through a relay is found and bound", async () => {
  const options = { relay: true };
  const relay = await started(48, { options: { ...options, relayServer: true } });
  const hidden = await started(49, { options: { ...options, listen: [`${addressOf(relay)}/p2p-circuit`] } });
  await eventually("it has a relayed address", () => hidden.network.addresses().length > 0);
  const asker = await started(39, { options });
  await asker.network.dial(addressOf(hidden), soon());
  await eventually("they are bound through the relay", () =>
    asker.network.peers().some(({ account, addresses }) => account !== undefined && /p2p-circuit/.test(`${addresses}`)),
  );
  await Promise.all([hidden.network.stop(), asker.network.stop()]);
  await relay.network.stop();
});

test("traffic is counted by protocol and by peer", async () => {
  const { nodes, stop } = await startMesh(2);
  const [a, b] = nodes as [TestNode, TestNode];
  b.network.transport.onRequest("bytes", async function* () {
    yield new Uint8Array(1 << 20);
  });
  for await (const _ of a.network.transport.request(b.signer.accountId, "bytes", new Uint8Array(1), soon()));
  const received = a.network.traffic().get("request/bytes")?.received ?? 0;
  assert.ok(received > 1 << 20 && received < 1.1 * (1 << 20), `${received} bytes`);
  assert.ok((b.network.traffic().get("request/bytes")?.sent ?? 0) > 1 << 20);
  assert.ok((a.network.traffic().get("binding")?.received ?? 0) > 5_000);
  assert.ok((a.network.peers()[0]?.bytes.received ?? 0) > 1 << 20);
  await stop();
});

test("answers keep to the rate that is set", async () => {
  const { nodes, stop } = await startMesh(2, () => ({ options: { answersPerPeerPerSecond: 1 << 20 } }));
  const [a, b] = nodes as [TestNode, TestNode];
  b.network.transport.onRequest("bytes", async function* () {
    for (let index = 0; index < 8; index++) yield new Uint8Array(1 << 18);
  });
  const startedMs = performance.now();
  for await (const _ of a.network.transport.request(b.signer.accountId, "bytes", new Uint8Array(1), soon()));
  const ms = performance.now() - startedMs;
  assert.ok(ms > 800, `2 MiB at 1 MiB a second, of which one is saved up, took ${ms} ms`);
  await stop();
});

test("answers to audits keep to the share of the line that is theirs, and others do not wait for them", async () => {
  const { nodes, stop } = await startMesh(2, () => ({ options: { auditsPerSecond: 1 << 20 } }));
  const [a, b] = nodes as [TestNode, TestNode];
  const timed = async (protocol: string): Promise<number> => {
    b.network.transport.onRequest(protocol, async function* () {
      for (let index = 0; index < 8; index++) yield new Uint8Array(1 << 18);
    });
    const startedMs = performance.now();
    for await (const _ of a.network.transport.request(b.signer.accountId, protocol, new Uint8Array(1), soon()));
    return performance.now() - startedMs;
  };
  const auditMs = await timed("audit");
  assert.ok(auditMs > 1600, `2 MiB at 1 MiB a second, of which a quarter is saved up, took ${auditMs} ms`);
  assert.ok((await timed("bytes")) < auditMs);
  await stop();
});

test.run();
