// What every Transport must do. Called with a way to connect three of them that reach one another; time may be virtual, so
// that waiting goes through the network under test.
import type { test as uvuTest } from "uvu";
import * as assert from "uvu/assert";
import { type Topic, type Transport, topicBytesMax, type Verdict } from "../../src/ports/index.ts";
import {
  type AccountId,
  accountId,
  type Bytes,
  FairmeshError,
  keyOf,
  utf8ToBytes,
} from "../../src/primitives/index.ts";

export interface ConnectedTransport {
  readonly account: AccountId;
  readonly transport: Transport;
}

export interface TransportNet {
  /** Each knows the others by account before `connect` settles. */
  readonly peers: readonly ConnectedTransport[];
  /** Waits for `work`, letting the network's time pass. */
  settle<T>(work: Promise<T>): Promise<T>;
  /** Waits until `holds`, or rejects saying what it waited for. */
  eventually(what: string, holds: () => boolean): Promise<void>;
  /** Lets `ms` of the network's time pass. */
  pause(ms: number): Promise<void>;
  /** A signal that aborts after `ms` of the network's time. */
  within(ms: number): AbortSignal;
  stop(): Promise<void>;
}

export interface TransportFactory {
  connect(count: number): Promise<TransportNet>;
  /** An answer travels as a whole (a simulated network's): its reader cannot hold its writer back. */
  readonly wholeAnswers?: true;
}

const text = (bytes: Bytes): string => new TextDecoder().decode(bytes);
const answerMs = 5_000;

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    return error instanceof FairmeshError ? error.code : `unexpected ${String(error)}`;
  }
}

async function collect(source: AsyncIterable<Bytes>, into: string[] = []): Promise<string[]> {
  for await (const each of source) into.push(text(each));
  return into;
}

interface Heard {
  readonly at: number;
  readonly topic: Topic;
  readonly text: string;
  readonly from: AccountId | undefined;
}

export function transportContract(test: typeof uvuTest, name: string, factory: TransportFactory): void {
  let net: TransportNet;
  const heard: Heard[] = [];
  const peer = (index: number): ConnectedTransport => net.peers[index] as ConnectedTransport;
  const soon = (): AbortSignal => net.within(answerMs);
  const ask = (protocol: string, words: string, signal = soon()): AsyncIterable<Bytes> =>
    peer(0).transport.request(peer(1).account, protocol, utf8ToBytes(words), signal);
  /** Publishes again and again until someone has heard it: nothing is promised of the first moments of a mesh. */
  const publishUntilHeard = async (topic: Topic, words: string, by: number): Promise<void> => {
    let tries = 0;
    await net.eventually(`${words} on ${topic}`, () => {
      if (tries++ % 10 === 0) void peer(0).transport.publish(topic, utf8ToBytes(`${words} ${tries}`));
      return heard.some((each) => each.at === by && each.topic === topic && each.text.startsWith(words));
    });
  };

  test(`${name}: connects, and knows the accounts it reaches, not its own`, async () => {
    net = await factory.connect(3);
    for (const { transport, account } of net.peers) {
      const others = net.peers.filter((other) => other.account !== account).map((other) => keyOf(other.account));
      assert.equal(transport.peers().map(keyOf).sort(), others.sort());
    }
    const judge = (at: number, topic: Topic) => async (bytes: Bytes, from: AccountId | undefined) => {
      heard.push({ at, topic, text: text(bytes), from });
      if (text(bytes).startsWith("throw")) throw new Error("a handler that fails");
      return "accept" as Verdict;
    };
    for (const [at, { transport }] of net.peers.entries()) {
      transport.onGossip("capacity", judge(at, "capacity"));
      transport.onGossip("proofs", judge(at, "proofs"));
    }
  });

  test(`${name}: gossip reaches the others, on its own topic only, and never its publisher`, async () => {
    await publishUntilHeard("capacity", "hello", 1);
    await net.eventually("the third hears too", () => heard.some((each) => each.at === 2));
    assert.ok(heard.every((each) => each.at !== 0 && each.topic === "capacity"));
    const senders = net.peers.map(({ account }) => keyOf(account));
    assert.ok(heard.every(({ from }) => from === undefined || senders.includes(keyOf(from))));
  });

  test(`${name}: a gossip handler that throws harms nobody`, async () => {
    await publishUntilHeard("proofs", "throw", 1);
    await publishUntilHeard("proofs", "after", 1);
  });

  test(`${name}: a message above its topic's limit is refused before it is sent`, async () => {
    const before = heard.length;
    const over = new Uint8Array(topicBytesMax.capacity + 1);
    assert.is(await net.settle(codeOf(peer(0).transport.publish("capacity", over))), "MESSAGE_TOO_LONG");
    assert.is(await net.settle(codeOf(peer(0).transport.publish("heads", over))), "none");
    assert.is(heard.length, before);
  });

  test(`${name}: messages arrive whole, with their sender's account`, async () => {
    const got: string[] = [];
    peer(1).transport.onMessage("note", async (bytes, from) => void got.push(`${text(bytes)} ${keyOf(from)}`));
    const from = keyOf(peer(0).account);
    const words = Array.from({ length: 20 }, (_, index) => `note ${index}`);
    for (const each of words) {
      await net.settle(peer(0).transport.send(peer(1).account, "note", utf8ToBytes(each), soon()));
    }
    await net.eventually("all arrive", () => got.length >= words.length);
    assert.equal(got.toSorted(), words.map((each) => `${each} ${from}`).toSorted());
  });

  test(`${name}: a message handler that fails does not stop the next message`, async () => {
    const got: string[] = [];
    peer(1).transport.onMessage("fragile", async (bytes) => {
      if (text(bytes) === "bad") throw new Error("a handler that fails");
      got.push(text(bytes));
    });
    await net.settle(peer(0).transport.send(peer(1).account, "fragile", utf8ToBytes("bad"), soon()));
    await net.pause(200);
    await net.settle(peer(0).transport.send(peer(1).account, "fragile", utf8ToBytes("good"), soon()));
    await net.eventually("the good one arrives", () => got.includes("good"));
  });

  test(`${name}: an account that is not there is PEER_UNREACHABLE`, async () => {
    const nobody = accountId(new Uint8Array(32).fill(0xee));
    const { transport } = peer(0);
    assert.is(await net.settle(codeOf(transport.send(nobody, "note", new Uint8Array(1), soon()))), "PEER_UNREACHABLE");
    const asked = collect(transport.request(nobody, "note", new Uint8Array(1), soon()));
    assert.is(await net.settle(codeOf(asked)), "PEER_UNREACHABLE");
  });

  test(`${name}: an answer comes in its chunks and order, none, empty and long ones too`, async () => {
    peer(1).transport.onRequest("count", async function* (bytes, from) {
      assert.is(keyOf(from), keyOf(peer(0).account));
      for (let index = 0; index < Number(text(bytes)); index++) yield utf8ToBytes(index === 1 ? "" : `${index}`);
    });
    assert.equal(await net.settle(collect(ask("count", "4"))), ["0", "", "2", "3"]);
    assert.equal(await net.settle(collect(ask("count", "0"))), []);
    const many = await net.settle(collect(ask("count", "500")));
    assert.is(many.length, 500);
    assert.is(many[499], "499");
    peer(1).transport.onRequest("long", async function* () {
      for (let index = 0; index < 6; index++) yield new Uint8Array(1 << 20).fill(index);
    });
    let bytes = 0;
    const read = async (): Promise<void> => {
      for await (const chunk of ask("long", "")) bytes += chunk.every((byte) => byte === chunk[0]) ? chunk.length : 0;
    };
    await net.settle(read());
    assert.is(bytes, 6 << 20);
  });

  test(`${name}: many requests at once are each answered`, async () => {
    const answers = await net.settle(Promise.all(Array.from({ length: 12 }, (_, n) => collect(ask("count", `${n}`)))));
    assert.equal(
      answers.map((answer) => answer.length),
      Array.from({ length: 12 }, (_, index) => index),
    );
  });

  test(`${name}: an answer that fails, or that nobody gives, is PEER_FAILED, and tells no insides`, async () => {
    peer(1).transport.onRequest("fail", async function* () {
      yield utf8ToBytes("first");
      throw new Error("secret detail");
    });
    const failed = await net.settle(
      collect(ask("fail", "")).then(
        () => undefined,
        (error: unknown) => error as FairmeshError,
      ),
    );
    assert.is(failed?.code, "PEER_FAILED");
    assert.not.match(failed?.message ?? "", /secret/);
    assert.match(await net.settle(codeOf(collect(ask("nobody-serves-this", "")))), /^PEER_(FAILED|UNREACHABLE)$/);
  });

  test(`${name}: an aborted request rejects with the signal's reason`, async () => {
    peer(1).transport.onRequest("never", async function* (_bytes, _from, signal) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      yield new Uint8Array();
    });
    const stop = new AbortController();
    const asked = codeOf(collect(ask("never", "", stop.signal)));
    await net.pause(100);
    stop.abort(new FairmeshError("CHANGED_MY_MIND", "enough"));
    assert.is(await net.settle(asked), "CHANGED_MY_MIND");
    assert.is(await net.settle(codeOf(collect(ask("count", "1", stop.signal)))), "CHANGED_MY_MIND");
  });

  test(`${name}: a reader that stops before the end, again and again, is served again`, async () => {
    peer(1).transport.onRequest("short", async function* () {
      yield utf8ToBytes("all");
    });
    const first = async (): Promise<string> => {
      for await (const chunk of ask("short", "")) return text(chunk);
      return "none";
    };
    for (let turn = 0; turn < 40; turn++) {
      assert.is(await net.settle(first()), "all", `turn ${turn}`);
      // The end is on its way when the reader leaves, or there already.
      if (turn % 2 === 0) await net.pause(5);
    }
  });

  if (factory.wholeAnswers !== true) {
    test(`${name}: a reader that is slow, or stops, holds its writer back`, async () => {
      let produced = 0;
      let ended = false;
      peer(1).transport.onRequest("endless", async function* (_bytes, _from, signal) {
        try {
          for (; !signal.aborted; produced++) yield new Uint8Array(1 << 18);
        } finally {
          ended = true;
        }
      });
      let read = 0;
      for await (const _ of ask("endless", "")) {
        await net.pause(30);
        if (++read === 5) break;
      }
      assert.ok(produced <= read + 40, `${produced} quarter mebibytes made for ${read} read`);
      await net.eventually("the writer ends", () => ended);
    });
  }

  test(`${name}: ends`, async () => {
    await net.stop();
  });
}
