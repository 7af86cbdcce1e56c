// The small bounds of the network: rates, quotas by peer, what is stored for others, and who may connect.
import { multiaddr } from "@multiformats/multiaddr";
import { MemoryDatastore } from "datastore-core";
import { Key } from "interface-datastore";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { boundDatastore, storedMax } from "../../src/network/bounded-datastore.ts";
import { createGate } from "../../src/network/gate.ts";
import { reservedOf } from "../../src/network/options.ts";
import { requestLimitsOf } from "../../src/network/protocols.ts";
import { Quotas } from "../../src/network/quotas.ts";
import { TokenBucket } from "../../src/network/token-bucket.ts";

test("a bucket gives its burst at once, then its rate, and says how long a debt lasts", () => {
  let nowMs = 0;
  const bucket = new TokenBucket({ perSecond: 10, burst: 20, nowMs: () => nowMs });
  assert.is(Array.from({ length: 30 }, () => bucket.take()).filter(Boolean).length, 20);
  nowMs += 500;
  assert.is(Array.from({ length: 30 }, () => bucket.take()).filter(Boolean).length, 5);
  assert.is(bucket.owe(10), 1_000);
  assert.not(bucket.holds);
  nowMs += 1_100;
  assert.ok(bucket.holds);
});

test("a peer asks so much at once and over time, whatever others do; giving back counts once", () => {
  let nowMs = 0;
  const quotas = new Quotas(() => nowMs);
  const { perPeerMax, burst, perSecond } = requestLimitsOf("blocks");
  const open = Array.from({ length: perPeerMax + 3 }, () => quotas.enter("a", "blocks"));
  assert.is(open.filter((place) => place !== undefined).length, perPeerMax);
  assert.ok(quotas.enter("b", "blocks"), "another peer has its own room");
  open[0]?.leave();
  open[0]?.leave();
  assert.ok(quotas.enter("a", "blocks"));
  assert.is(quotas.enter("a", "blocks"), undefined, "two givings back of one room are one");
  const served = (): number =>
    Array.from({ length: 2 * burst }, () => {
      const place = quotas.enter("c", "blocks");
      place?.leave();
      return place !== undefined;
    }).filter(Boolean).length;
  assert.is(served(), burst);
  nowMs += 1_000;
  assert.is(served(), perSecond);
});

test("so many of all peers are answered at once: who only opened a stream counts for itself, and the next is busy, not at fault", () => {
  const quotas = new Quotas(() => 0);
  const { totalMax } = requestLimitsOf("blocks");
  const places = Array.from({ length: 3 * totalMax }, (_, index) => quotas.enter(`peer ${index}`, "blocks"));
  assert.ok(places.every((place) => place !== undefined));
  assert.is(places.filter((place) => place?.begin()).length, totalMax);
  const [first, ...others] = places;
  assert.not(first?.begin(), "an answer begins once");
  first?.leave();
  first?.leave();
  assert.is(others.filter((place) => place?.begin()).length, 1);
});

test("provider records of one peer, and peers met, have a bound, over a restart too", async () => {
  const refused: string[] = [];
  const inner = new MemoryDatastore();
  const store = await boundDatastore(inner, {
    self: "self",
    providersOfPeerMax: 500,
    onRefused: (peer) => void refused.push(peer),
  });
  const value = new Uint8Array(1);
  const provider = (index: number, peer: string): Key => new Key(`/dht/provider/cid${index}/${peer}`);
  const tryPut = async (key: Key, into = store): Promise<boolean> => {
    try {
      await into.put(key, value);
      return true;
    } catch {
      return false;
    }
  };
  for (let index = 0; index < 500; index++) await store.put(provider(index, "greedy"), value);
  assert.not(await tryPut(provider(-1, "greedy")));
  assert.ok(await tryPut(provider(0, "greedy")), "a record that is there may be renewed");
  assert.ok(await tryPut(provider(0, "honest")));
  assert.equal(refused, ["greedy"]);
  for (let index = 0; index <= 500; index++) await store.put(provider(index, "self"), value);
  await store.delete(provider(5, "greedy"));
  assert.ok(await tryPut(provider(-1, "greedy")));
  const again = await boundDatastore(inner, {
    self: "self",
    providersOfPeerMax: 500,
    onRefused: (peer) => void refused.push(peer),
  });
  assert.not(await tryPut(provider(-2, "greedy"), again));
  assert.equal(refused, ["greedy", "greedy"]);
  const peer = (index: number): Key => new Key(`/peers/${index}`);
  for (let index = 0; index <= storedMax.peers; index++) await store.put(peer(index), value);
  assert.not(await inner.has(peer(0)), "the peer longest unheard of made room");
  assert.ok(await inner.has(peer(1)));
});

test("the gate: the banned never, the last places only for a seat, one address only so often", () => {
  const addresses: string[] = [];
  const denied: string[] = [];
  const options = { connectionsMax: 8, connectionsPerHostMax: 2, oneMachine: false };
  const make = (oneMachine: boolean) =>
    createGate({
      options: { ...options, oneMachine },
      isBanned: (peer) => peer === "banned",
      isReserved: (peer) => peer === "seat",
      connected: () => addresses.map((address) => multiaddr(address)),
      onDenied: (reason) => void denied.push(reason),
    });
  const gate = make(false);
  const peer = (name: string): never => ({ toString: () => name }) as never;
  const from = (host: string): never => ({ remoteAddr: multiaddr(`/ip4/${host}/tcp/1`) }) as never;
  assert.ok(gate.denyDialPeer?.(peer("banned")));
  assert.ok(gate.denyInboundEncryptedConnection?.(peer("banned"), from("1.2.3.4")));
  assert.not(gate.denyDialPeer?.(peer("other")));
  addresses.push("/ip4/1.2.3.4/tcp/1", "/ip4/1.2.3.4/tcp/2");
  assert.ok(gate.denyInboundConnection?.(from("1.2.3.4")));
  assert.not(gate.denyInboundConnection?.(from("1.2.3.5")));
  assert.not(make(true).denyInboundConnection?.(from("1.2.3.4")), "a local network has one address");
  assert.is(reservedOf(8), 2);
  addresses.push(...Array.from({ length: 4 }, (_, index) => `/ip4/9.9.9.${index}/tcp/1`));
  assert.ok(gate.denyInboundEncryptedConnection?.(peer("other"), from("9.9.9.9")));
  assert.not(gate.denyInboundEncryptedConnection?.(peer("seat"), from("9.9.9.9")));
  assert.equal(denied, ["banned", "banned", "host", "full"]);
});

test.run();
