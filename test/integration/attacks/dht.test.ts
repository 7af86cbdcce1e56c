// Attacks on the DHT: values of any kind (there are none here, docs/adr/0002), floods of provider records, records in
// another's name, and providers that have nothing.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { CID } from "multiformats/cid";
import * as rawCodec from "multiformats/codecs/raw";
import * as MultihashDigest from "multiformats/hashes/digest";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../../src/crypto/index.ts";
import { assetKey } from "../../../src/network/discovery.ts";
import { openPeerDatastore } from "../../../src/network/index.ts";
import { assetId, type Bytes, bigEndian, concatBytes, keyOf, utf8ToBytes } from "../../../src/primitives/index.ts";
import { makeArena } from "../../support/arena.ts";
import { type BarePeer, makeBarePeer } from "../../support/bare-peer.ts";
import { field, kad, lengthPrefixed } from "../../support/proto.ts";
import { quietLog } from "../../support/quiet-ports.ts";
import { stopAfterEach } from "../../support/stop-after.ts";
import { loopbackOptions, makeNode, startMesh, type TestNode } from "../../support/test-network.ts";

const during = stopAfterEach(test);
const cidBytes = (digest: Bytes): Bytes => CID.createV1(rawCodec.code, MultihashDigest.create(0x12, digest)).bytes;

/** A DHT message that is taken has no answer, or one within this time; one that is refused ends its stream. */
const patienceMs = 100;

/** Sends one DHT message; true when the node took it without ending the stream. */
async function say(peer: BarePeer, connection: Connection, message: Bytes): Promise<boolean> {
  if (connection.status !== "open") return false;
  const stream = await peer.open(connection, "kad");
  const answered = new Promise<boolean>((resolve) => {
    stream.addEventListener("message", () => resolve(true));
    stream.addEventListener("close", () => resolve(false));
    setTimeout(() => resolve(true), patienceMs);
  });
  stream.send(lengthPrefixed(message));
  const taken = await answered;
  stream.abort(new Error("done"));
  return taken;
}

async function storedKeys(store: Awaited<ReturnType<typeof openPeerDatastore>>, prefix: string): Promise<number> {
  let count = 0;
  for await (const key of store.queryKeys({ prefix })) count += key.toString().length > 0 ? 1 : 0;
  return count;
}

test("no value is stored: none of ours, none of libp2p's, none that is older, newer or very long", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fairmesh-dht-"));
  const datastore = await openPeerDatastore(join(folder, "peers"), quietLog);
  const node = await makeNode(70, { datastore });
  await node.network.start();
  await during(node.network);
  const liar = await during(makeBarePeer(70));
  const connection = await liar.join(node.network.addresses()[0] as string);
  // A public key's record is the one kind of value that kad-dht takes by itself.
  const publicKey = concatBytes(field(1, 1), field(2, liar.host.peerId.publicKey?.raw as Bytes));
  const pk = concatBytes(utf8ToBytes("/pk/"), liar.host.peerId.toMultihash().bytes);
  const values: readonly (readonly [Bytes, Bytes])[] = [
    [utf8ToBytes("/fairmesh/asset"), utf8ToBytes("newer, sequence 2")],
    [utf8ToBytes("/fairmesh/asset"), utf8ToBytes("older, sequence 1")],
    [pk, publicKey],
    [pk, concatBytes(publicKey, field(9, new Uint8Array(200_000)))],
    [utf8ToBytes("no namespace"), new Uint8Array(10)],
  ];
  for (const [key, value] of values) assert.not(await say(liar, connection, kad.putValue(key, value)));
  assert.not(await say(liar, connection, kad.putValue(utf8ToBytes("/fairmesh/x"), new Uint8Array(3_500_000))));
  assert.is(await storedKeys(datastore, "/dht/record"), 0);
  await node.network.stop();
  await datastore.close();
  await rm(folder, { recursive: true });
});

test("a flood of provider records fills its sender's share, and ends in a ban; honest assets are found", async () => {
  const arena = await during(makeArena());
  const [, honest, asker] = arena.nodes as [TestNode, TestNode, TestNode];
  const id = assetId(sha256(utf8ToBytes("honest asset")));
  await honest.network.discovery.provide({ id, kind: "storage", cell: 0x871f1d489ffffffn as never });
  const flooder = await during(makeBarePeer(71));
  const connection = await flooder.join(arena.address);
  const peerId = flooder.host.peerId.toMultihash().bytes;
  const address = multiaddr("/ip4/127.0.0.1/tcp/1").bytes;
  let sent = 0;
  const banned = (): boolean => arena.banned(flooder.host.peerId.toString());
  const flood = async (): Promise<boolean> => {
    if (banned()) return false;
    const streams = await Promise.all(Array.from({ length: 4 }, () => flooder.open(connection, "kad")));
    for (const stream of streams) {
      for (let count = 0; count < 500; count++) {
        stream.send(lengthPrefixed(kad.addProvider(cidBytes(sha256(bigEndian(sent++))), peerId, address)));
      }
    }
    // The node handles a stream's messages as long as it is open.
    for (let tries = 0; tries < 25 && !banned(); tries++) await new Promise((wake) => setTimeout(wake, 20));
    for (const stream of streams) stream.abort(new Error("done"));
    return true;
  };
  const outcome = await arena.attack(flood);
  for (let round = 0; round < 10 && !banned(); round++) await flood();
  assert.ok(banned(), `${sent} records were sent`);
  assert.is(arena.reasonOf(flooder.host.peerId.toString()), "too-many-records");
  assert.ok(sent > loopbackOptions.providersOfPeerMax, "not before its share was full");
  const found: string[] = [];
  for await (const account of asker.network.discovery.findAsset(id, AbortSignal.timeout(10_000)))
    found.push(keyOf(account));
  assert.ok(found.includes(keyOf(honest.signer.accountId)));
  assert.ok(outcome.grownMiB < 64, `${outcome.grownMiB} MiB`);
  assert.ok(outcome.delivered >= 0.9, `${outcome.delivered} of the honest messages`);
});

test("a provider record in another's name is not taken; providers that are not there hide nobody", async () => {
  const { nodes } = await during(startMesh(3));
  const [victim, honest, asker] = nodes as [TestNode, TestNode, TestNode];
  const id = assetId(sha256(utf8ToBytes("contested asset")));
  const liars = await Promise.all([72, 73, 74].map((index) => during(makeBarePeer(index))));
  const absent = await during(makeBarePeer(75));
  for (const { network } of nodes) {
    for (const liar of liars) {
      const connection = await liar.join(network.addresses()[0] as string);
      const address = multiaddr("/ip4/127.0.0.1/tcp/1").bytes;
      for (const named of [liar, absent]) {
        const peerId = named.host.peerId.toMultihash().bytes;
        await say(liar, connection, kad.addProvider(cidBytes(assetKey(id)), peerId, address));
      }
    }
  }
  await honest.network.discovery.provide({ id, kind: "storage", cell: 0x871f1d489ffffffn as never });
  const found: string[] = [];
  for await (const account of asker.network.discovery.findAsset(id, AbortSignal.timeout(10_000)))
    found.push(keyOf(account));
  assert.ok(found.includes(keyOf(honest.signer.accountId)), "the honest provider is found");
  assert.not.ok(found.includes(keyOf(absent.signer.accountId)), "whose name was used is not");
  assert.ok(victim.network.transport.peers().length >= 2);
});

test.run();
