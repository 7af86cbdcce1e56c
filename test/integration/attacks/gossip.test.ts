// Attacks on gossip by peers with true bindings: each is bounded in memory, costs honest messages little, and ends with the
// attacker scored down or banned, for a reason that is in the log.
import type { Connection, Stream } from "@libp2p/interface";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../../src/crypto/index.ts";
import { topicName } from "../../../src/network/topics.ts";
import { type Bytes, bigEndian, concatBytes } from "../../../src/primitives/index.ts";
import { Advertisers } from "../../support/advertisers.ts";
import { type Arena, makeArena, type Outcome } from "../../support/arena.ts";
import { type BarePeer, makeBarePeer } from "../../support/bare-peer.ts";
import { lengthPrefixed, rpc, varint } from "../../support/proto.ts";
import { stopAfterEach } from "../../support/stop-after.ts";
import { eventually, testNetworkId } from "../../support/test-network.ts";

const during = stopAfterEach(test);
const capacity = topicName(testNetworkId, "capacity");
/** The arena knows the first four of these. */
const accounts = Advertisers.of(testNetworkId, 10);
const memoryMiBMax = 96;
const deliveredMin = 0.9;

interface Attack {
  readonly arena: Arena;
  readonly peer: BarePeer;
  readonly connection: Connection;
  readonly stream: Stream;
  readonly id: string;
}

async function begin(index: number): Promise<Attack> {
  const arena = await during(makeArena());
  const peer = await during(makeBarePeer(index));
  const connection = await peer.join(arena.address);
  const stream = await peer.gossip(connection);
  stream.send(lengthPrefixed(rpc.subscribe(capacity)));
  return { arena, peer, connection, stream, id: peer.host.peerId.toString() };
}

const send = (stream: Stream, bytes: Bytes): boolean => {
  if (stream.status !== "open") return false;
  stream.send(bytes);
  return stream.status === "open";
};

type Make = (round: number) => Bytes | Promise<Bytes>;

/** Sends at full speed, waiting when the node does not take more. */
async function press({ stream }: Attack, frame: Bytes): Promise<boolean> {
  if (stream.status !== "open") return false;
  if (!stream.send(frame)) await stream.onDrain({ signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
  return true;
}

const flood = (attack: Attack, make: Make): Promise<Outcome> =>
  attack.arena.attack(async (round) => press(attack, await make(round)));

function holds({ delivered, grownMiB }: Outcome): void {
  assert.ok(delivered >= deliveredMin, `${delivered} of the honest messages arrived`);
  assert.ok(grownMiB < memoryMiBMax, `${grownMiB} MiB more were held`);
}

/** As long as a busy machine may need. */
const patienceMs = 60_000;

/** Goes on until the attacker is banned. */
async function bannedFor(attack: Attack, make: Make, reason: RegExp): Promise<void> {
  for (const endMs = performance.now() + patienceMs; performance.now() < endMs && !attack.arena.banned(attack.id); ) {
    await press(attack, await make(Math.floor(performance.now())));
    await new Promise((wake) => setImmediate(wake));
  }
  await endedFor(attack, reason);
}

async function endedFor(attack: Attack, reason: RegExp): Promise<void> {
  await eventually("the attacker is banned", () => attack.arena.banned(attack.id));
  assert.match(attack.arena.reasonOf(attack.id) ?? "", reason);
  const logged = attack.arena
    .log()
    .find(({ message, fields }) => message === "a peer is banned" && fields.peer === attack.id);
  assert.match(String(logged?.fields.reason), reason);
}

test("subscriptions: to topics that there are not, by the thousand", async () => {
  const attack = await begin(300);
  let topic = 0;
  const many = (): Bytes =>
    lengthPrefixed(
      concatBytes(...Array.from({ length: 32 }, () => rpc.subscribe(`/made/up/${topic++}`.padEnd(200, "x")))),
    );
  const frame = concatBytes(...Array.from({ length: 40 }, many));
  holds(await flood(attack, () => frame));
  await bannedFor(attack, () => frame, /^gossip-flood: gossip/);
});

test("frames that say that they are enormous, are too long, or end in the middle", async () => {
  const attack = await begin(301);
  const { arena, peer, connection } = attack;
  const outcome = await arena.attack(async (round) => {
    if (connection.status !== "open") return false;
    const stream = await peer.gossip(connection).catch(() => undefined);
    if (stream === undefined) return false;
    if (round % 3 === 0) send(stream, varint(1e12));
    else if (round % 3 === 1) send(stream, concatBytes(varint(5 << 20), new Uint8Array(5 << 20)));
    else send(stream, concatBytes(varint(5_000), new Uint8Array(100)));
    await stream.close({ signal: AbortSignal.timeout(500) }).catch(() => undefined);
    await new Promise((wake) => setTimeout(wake, 50));
    return true;
  });
  holds(outcome);
});

test("IHAVE: ids by the thousand of messages that there are not", async () => {
  const attack = await begin(302);
  let id = 0;
  const outcome = await attack.arena.attack(async () => {
    const ids = Array.from({ length: 900 }, () => sha256(bigEndian(id++)).subarray(0, 20));
    const open = send(attack.stream, lengthPrefixed(rpc.ihave(capacity, ids)));
    await new Promise((wake) => setTimeout(wake, 20));
    return open;
  });
  holds(outcome);
  // gossipsub waits three seconds for what was promised; from six broken promises on they cost score.
  const abuse = async (): Promise<void> => {
    const ids = Array.from({ length: 900 }, () => sha256(bigEndian(id++)).subarray(0, 20));
    send(attack.stream, lengthPrefixed(rpc.ihave(capacity, ids)));
    await new Promise((wake) => setTimeout(wake, 100));
  };
  for (const endMs = performance.now() + patienceMs; performance.now() < endMs && !attack.arena.banned(attack.id); )
    await abuse();
  await endedFor(attack, /^gossip-score: gossip score -/);
});

test("IWANT: the same messages again and again", async () => {
  const attack = await begin(303);
  const ids = Array.from({ length: 900 }, (_, index) => sha256(bigEndian(index)).subarray(0, 20));
  const frame = lengthPrefixed(rpc.iwant(ids));
  const many = concatBytes(...Array.from({ length: 20 }, () => frame));
  holds(await flood(attack, () => many));
  await bannedFor(attack, () => many, /^gossip-flood: gossip/);
});

/** Advertisements in the name of account `index`, whose signatures differ and are all false; made without encoding anew. */
async function forgeries({ arena }: Attack, index: number): Promise<Make> {
  const asset = arena.advertisers.addAsset(1, "target");
  const bytes = await accounts.advertise(index, asset, {}, new Uint8Array(3309).fill(7));
  let count = 0;
  return () => {
    const forged = bytes.slice();
    forged.set(bigEndian(++count), forged.length - 8);
    return lengthPrefixed(rpc.message(capacity, forged));
  };
}

/** A tenth of what counts as a flood. */
const slowly = (make: Make): Make => {
  return async (round) => {
    await new Promise((wake) => setTimeout(wake, 5));
    return make(round);
  };
};

test("advertisements with false signatures, slower than a flood: the score bans", async () => {
  const attack = await begin(304);
  const forged = slowly(await forgeries(attack, 1));
  holds(await flood(attack, forged));
  await bannedFor(attack, forged, /^gossip-score: gossip score -/);
});

test("advertisements of accounts that nobody knows, at full speed: the flood bans, for they are no fault", async () => {
  const attack = await begin(307);
  const forged = await forgeries(attack, 9);
  const many = async (round: number): Promise<Bytes> =>
    concatBytes(...(await Promise.all(Array.from({ length: 40 }, () => forged(round)))));
  holds(await flood(attack, many));
  await bannedFor(attack, many, /^gossip-flood/);
});

test("advertisements with false signatures, at full speed", async () => {
  const attack = await begin(308);
  const forged = await forgeries(attack, 1);
  holds(await flood(attack, forged));
  // Bytes beyond the rate are counted as they come, the score is looked at once a second: either may be first, both ban.
  await bannedFor(attack, forged, /^gossip-(score|flood)/);
});

test("advertisements that expired, rightly signed, and the same ones again", async () => {
  const attack = await begin(305);
  const { advertisers, metrics } = attack.arena;
  const asset = advertisers.addAsset(2, "old");
  advertisers.epoch = 1;
  const old = await Promise.all(
    Array.from({ length: 50 }, (_, index) => advertisers.advertise(2, asset, { seq: index + 1, expiresEpoch: 1 })),
  );
  advertisers.epoch = 9;
  const frames = old.map((bytes) => lengthPrefixed(rpc.message(capacity, bytes)));
  const verified = metrics.value("fairmesh_gossip_received_total", { topic: "capacity", verdict: "ignore" }) ?? 0;
  holds(await flood(attack, (round) => frames[round % frames.length] as Bytes));
  const ignored = (): number =>
    (metrics.value("fairmesh_gossip_received_total", { topic: "capacity", verdict: "ignore" }) ?? 0) - verified;
  await eventually("each was looked at", () => ignored() >= 50, patienceMs);
  assert.is(ignored(), 50, "each was looked at once");
});

test("messages of every kind of rubbish are rejected, and end in a ban by the score", async () => {
  const attack = await begin(306);
  let count = 0;
  const rubbish = slowly(() =>
    lengthPrefixed(rpc.message(capacity, concatBytes(bigEndian(count++), new Uint8Array(count % 6_000)))),
  );
  holds(await flood(attack, rubbish));
  await bannedFor(attack, rubbish, /^gossip-score: gossip score -/);
});

test("honest peers that are a little behind, silent or quick keep their score", async () => {
  const arena = await during(makeArena());
  const outcome = await arena.attack(async () => {
    await new Promise((wake) => setTimeout(wake, 100));
    return true;
  });
  holds(outcome);
  for (const { network } of arena.nodes) {
    assert.equal(network.bans(), []);
    for (const { score } of network.peers()) assert.ok(score >= 0, `a score of ${score}`);
  }
});

test.run();
