// Attacks on streams and connections by hand: readers that do not read, too many requests, streams and frames, one account on
// many peers, many accounts on one host, and peers that never say who they are.
import type { Connection, Stream } from "@libp2p/interface";
import { lpStream } from "@libp2p/utils";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { messageLimits, requestLimitsOf, windowBytes } from "../../../src/network/protocols.ts";
import { type Bytes, concatBytes, equalBytes, utf8ToBytes } from "../../../src/primitives/index.ts";
import { type Arena, attackMs, makeArena, type Outcome } from "../../support/arena.ts";
import { type BarePeer, makeBarePeer } from "../../support/bare-peer.ts";
import { lengthPrefixed, varint } from "../../support/proto.ts";
import { stopAfterEach } from "../../support/stop-after.ts";
import { eventually } from "../../support/test-network.ts";

const during = stopAfterEach(test);
const soon = (): AbortSignal => AbortSignal.timeout(10_000);
const memoryMiBMax = 96;
const deliveredMin = 0.9;

interface Attack {
  readonly arena: Arena;
  readonly peer: BarePeer;
  readonly connection: Connection;
  readonly id: string;
}

/** The victim serves `echo`, and `bulk` without an end; honest nodes ask for `echo` all the time. */
async function begin(index: number): Promise<Attack & { made(): number; received(): number }> {
  const arena = await during(makeArena());
  let [made, received] = [0, 0];
  const { transport } = arena.victim.network;
  transport.onRequest("echo", async function* (bytes) {
    yield bytes;
  });
  transport.onRequest("bulk", async function* (_bytes, _from, signal) {
    for (; !signal.aborted; made++) yield new Uint8Array(1 << 18);
  });
  transport.onMessage("note", async () => {
    received += 1;
    await new Promise((wake) => setTimeout(wake, 5));
  });
  const peer = await during(makeBarePeer(index));
  const connection = await peer.join(arena.address);
  const id = peer.host.peerId.toString();
  return { arena, peer, connection, id, made: () => made, received: () => received };
}

const holds = ({ delivered, grownMiB }: Outcome, max = memoryMiBMax): void => {
  assert.ok(delivered >= deliveredMin, `${delivered} of the honest messages arrived`);
  assert.ok(grownMiB < max, `${grownMiB} MiB more were held`);
};

/** An honest node still gets its answer. */
async function answersHonest({ arena }: Attack): Promise<void> {
  const asker = arena.nodes[1] as Arena["victim"];
  const words = utf8ToBytes("still there?");
  const answer = asker.network.transport.request(arena.victim.signer.accountId, "echo", words, soon());
  let right = false;
  for await (const chunk of answer) right = equalBytes(chunk, words);
  assert.ok(right);
}

async function bannedFor({ arena, id }: Attack, reason: RegExp): Promise<void> {
  await eventually("the attacker is banned", () => arena.banned(id));
  assert.match(arena.reasonOf(id) ?? "", reason);
  assert.ok(arena.log().some(({ message, fields }) => message === "a peer is banned" && fields.peer === id));
}

const openedBy = (peer: BarePeer, connection: Connection, protocol: string): Promise<Stream | undefined> =>
  connection.status === "open" ? peer.open(connection, protocol).catch(() => undefined) : Promise.resolve(undefined);

test("a reader that asks for much and reads nothing holds a window of it, and no more", async () => {
  const attack = await begin(400);
  const { perPeerMax } = requestLimitsOf("bulk");
  const streams: Stream[] = [];
  const outcome = await attack.arena.attack(async () => {
    if (streams.length >= perPeerMax) return new Promise((wake) => setTimeout(() => wake(true), 20));
    const stream = await openedBy(attack.peer, attack.connection, "request/bulk");
    if (stream === undefined) return false;
    stream.pause();
    stream.send(lengthPrefixed(new Uint8Array(1)));
    streams.push(stream);
    return true;
  });
  const chunksMax = perPeerMax * (windowBytes / (1 << 18) + 2);
  // What the windows may hold, and half of what is otherwise allowed for everything else that runs here.
  holds(outcome, chunksMax / 4 + memoryMiBMax / 2);
  assert.ok(attack.made() <= chunksMax, `${attack.made()} chunks were made, ${chunksMax} at most are allowed`);
  await answersHonest(attack);
});

test("a sender that is faster than the handler waits in its own buffers", async () => {
  const attack = await begin(401);
  const stream = await attack.peer.open(attack.connection, "message/note");
  const frame = lengthPrefixed(new Uint8Array(100_000));
  const outcome = await attack.arena.attack(async (round) => {
    if (stream.status !== "open") return false;
    // What the node does not take waits here, within the attacker.
    if (stream.writeBufferLength < 4 << 20) stream.send(frame);
    await new Promise((wake) => setTimeout(wake, 1));
    return round < 100_000;
  });
  holds(outcome);
  assert.is(stream.status, "open", "it was held back, not broken off");
  const taken = attack.arena.victim.network.traffic().get("message/note")?.received ?? 0;
  const waiting = taken - attack.received() * frame.length;
  assert.ok(waiting > 0 && waiting < 13 << 20, `${waiting} bytes wait for the handler`);
  // One takes 5 ms.
  const handledMax = attackMs / 5 + 400;
  assert.ok(attack.received() < handledMax, `${attack.received()} messages were handled, one at a time`);
  await answersHonest(attack);
});

test("requests by the thousand are refused beyond the quota, and end in a ban", async () => {
  const attack = await begin(402);
  const ask = async (): Promise<boolean> => {
    const streams = await Promise.all(
      Array.from({ length: 8 }, () => openedBy(attack.peer, attack.connection, "request/echo")),
    );
    for (const stream of streams) stream?.send(lengthPrefixed(new Uint8Array(10)));
    await Promise.all(
      streams.map(async (stream) => {
        if (stream === undefined) return;
        await lpStream(stream)
          .read({ signal: AbortSignal.timeout(1_000) })
          .catch(() => undefined);
        stream.abort(new Error("done"));
      }),
    );
    return streams.some((stream) => stream !== undefined);
  };
  holds(await attack.arena.attack(ask));
  for (let round = 0; round < 60 && !attack.arena.banned(attack.id); round++) await ask();
  await bannedFor(attack, /^too-many-requests/);
  await answersHonest(attack);
});

test("streams by the thousand: only so many are open, and others are served", async () => {
  const attack = await begin(403);
  const open: Stream[] = [];
  const outcome = await attack.arena.attack(async (round) => {
    const protocol = ["request/echo", "message/note", "kad", "binding"][round % 4] as string;
    const stream = await openedBy(attack.peer, attack.connection, protocol);
    if (stream !== undefined) open.push(stream);
    return attack.connection.status === "open" && round < 3_000;
  });
  holds(outcome);
  const left = open.filter(({ status }) => status === "open").length;
  assert.ok(left <= 64, `${left} are still open`);
  await answersHonest(attack);
});

const frames: readonly (readonly [string, Bytes])[] = [
  ["says that it is enormous", varint(1e12)],
  ["is too long", concatBytes(varint(1 << 20), new Uint8Array(1 << 20))],
];

for (const [index, [what, frame]] of frames.entries()) {
  test(`a frame that ${what} ends its stream; three end in a ban`, async () => {
    const attack = await begin(410 + index);
    const outcome = await attack.arena.attack(async () => {
      const stream = await openedBy(attack.peer, attack.connection, "request/echo");
      if (stream?.status === "open") stream.send(frame);
      await new Promise((wake) => setTimeout(wake, 50));
      return attack.connection.status === "open";
    });
    holds(outcome);
    await bannedFor(attack, /^oversized-frame/);
    await answersHonest(attack);
  });
}

test("questions that never end are given up after five seconds, and held against their sender", async () => {
  const attack = await begin(419);
  const { perPeerMax } = requestLimitsOf("echo");
  const streams: Stream[] = [];
  const outcome = await attack.arena.attack(async () => {
    const stream = await openedBy(attack.peer, attack.connection, "request/echo");
    if (stream?.status !== "open") return false;
    // A length that goes on and on.
    stream.send(new Uint8Array(64).fill(0xff));
    streams.push(stream);
    return streams.length < perPeerMax;
  });
  holds(outcome);
  await answersHonest(attack);
  await eventually("all are ended", () => streams.every(({ status }) => status !== "open"), 15_000);
  const score = (): number =>
    attack.arena.victim.network.peers().find(({ peer }) => peer === attack.id)?.score ?? Number.NEGATIVE_INFINITY;
  // gossipsub looks again each second.
  await eventually("its score falls", () => score() < -10);
});

test("peers that only open streams take no place from others, and who finds all places taken is not held to blame", async () => {
  const attack = await begin(430);
  const { victim } = attack.arena;
  const { perPeerMax, totalMax } = requestLimitsOf("state-chunks");
  let asked = 0;
  victim.network.transport.onRequest("state-chunks", async function* (bytes, _from, signal) {
    asked++;
    // Of one byte is a question whose answer takes for ever.
    if (bytes.length === 1) await new Promise<void>((end) => signal.addEventListener("abort", () => end()));
    yield bytes;
  });
  const name = "request/state-chunks";
  const lines: (readonly [BarePeer, Connection])[] = [];
  for (let index = 431; lines.length * perPeerMax < totalMax; index++) {
    const peer = await during(makeBarePeer(index));
    lines.push([peer, await peer.join(attack.arena.address)]);
  }
  const places = lines.flatMap((line) => Array.from({ length: perPeerMax }, () => line));
  const streams = await Promise.all(places.map(([peer, connection]) => peer.open(connection, name)));
  const asker = attack.arena.nodes[1] as Arena["victim"];
  const ask = async (): Promise<string> => {
    const question = asker.network.transport.request(
      victim.signer.accountId,
      "state-chunks",
      new Uint8Array(2),
      soon(),
    );
    try {
      for await (const chunk of question) return `${chunk.length} bytes`;
      return "nothing";
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.is(await ask(), "2 bytes");
  for (const stream of streams) stream.send(lengthPrefixed(new Uint8Array(1)));
  await eventually("all places are taken", () => asked > totalMax);
  for (let round = 0; round < 60; round++) assert.match(await ask(), /PEER_BUSY/);
  assert.equal(victim.network.bans(), []);
});

test("who opens a stream of messages again and again has saved up nothing anew", async () => {
  const attack = await begin(440);
  let taken = 0;
  attack.arena.victim.network.transport.onMessage("quick", async () => void taken++);
  const burst = lengthPrefixed(new Uint8Array(1));
  const many = concatBytes(...Array.from({ length: messageLimits.burst }, () => burst));
  for (let round = 1; round <= 3; round++) {
    const stream = await attack.peer.open(attack.connection, "message/quick");
    stream.send(many);
    await new Promise((wake) => setTimeout(wake, 500));
    stream.abort(new Error("again"));
  }
  assert.ok(taken >= messageLimits.burst, `${taken} were taken`);
  assert.ok(taken < 2 * messageLimits.burst, `${taken} were taken`);
});

test("credit in grains ends an answer: a reader has to take what it asked for", async () => {
  const attack = await begin(441);
  const stream = await attack.peer.open(attack.connection, "request/bulk");
  stream.addEventListener("message", () => {});
  stream.send(lengthPrefixed(new Uint8Array(1)));
  await eventually("the window is full", () => attack.made() >= windowBytes / (1 << 18));
  stream.send(lengthPrefixed(Uint8Array.of(1)));
  await eventually("it is given up", () => stream.remoteWriteStatus === "closed", 5_000);
});

test("frames that end in the middle cost nobody anything", async () => {
  const attack = await begin(420);
  const outcome = await attack.arena.attack(async () => {
    const stream = await openedBy(attack.peer, attack.connection, "request/echo");
    stream?.send(concatBytes(varint(1_000), new Uint8Array(10)));
    await stream?.close({ signal: AbortSignal.timeout(500) }).catch(() => undefined);
    return stream !== undefined;
  });
  holds(outcome);
  await answersHonest(attack);
});

test("one account on many peers has one place, the newest", async () => {
  const { arena } = await begin(430);
  const peers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => during(makeBarePeer(440 + index, { account: 9_000 }))),
  );
  const outcome = await arena.attack(async (round) => {
    const peer = peers[round % peers.length] as BarePeer;
    await peer.join(arena.address, await peer.binding({ seq: round + 1 })).catch(() => undefined);
    return round < 100;
  });
  holds(outcome);
  const { accountId } = (peers[0] as BarePeer).signer;
  const bound = (): number =>
    arena.victim.network.peers().filter(({ account }) => account !== undefined && equalBytes(account, accountId))
      .length;
  await eventually("one is left", () => bound() === 1);
});

test("many accounts on one host: only so many connect, and the honest stay", async () => {
  const arena = await during(makeArena({ options: { oneMachine: false, connectionsPerHostMax: 6 } }));
  const peers = await Promise.all(Array.from({ length: 12 }, (_, index) => during(makeBarePeer(460 + index))));
  const outcome = await arena.attack(async (round) => {
    await peers[round % peers.length]?.join(arena.address).catch(() => undefined);
    return true;
  });
  holds(outcome);
  assert.ok(arena.victim.network.peers().length <= 6, `${arena.victim.network.peers().length} connections`);
  const accounts = arena.victim.network.transport.peers();
  for (const { signer } of arena.nodes.slice(1))
    assert.ok(accounts.some((account) => equalBytes(account, signer.accountId)));
});

test.run();
