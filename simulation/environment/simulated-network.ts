// A network between simulated nodes: latency, jitter, loss, repetition, one-way partitions, clogging and selective drops.
// A node's transport belongs to one life of it: after a crash nothing that it awaited ever settles.

import { type Topic, type Transport, topicBytesMax, type Verdict } from "../../src/ports/index.ts";
import { type AccountId, type Bytes, FairmeshError, keyOf } from "../../src/primitives/index.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** One life of a node: false once it has crashed. */
export interface Life {
  alive: boolean;
}

export interface Packet {
  readonly from: number;
  readonly to: number;
  readonly kind: "send" | "request" | "answer" | "gossip";
  readonly protocol: string;
  readonly bytes: Bytes;
}

/** What the network does to packets now; schedules change it. */
export interface Weather {
  lossPpm: number;
  repeatPpm: number;
  /** Added to the latency of each packet, evenly from 0 to this. */
  jitterMs: number;
  /** Extra delay on packets to a clogged node. */
  readonly clogged: Map<number, number>;
  /** Ordered pairs `from>to` that are cut. */
  readonly cut: Set<string>;
  /** Answers true for packets that are to vanish. */
  drop: (packet: Packet) => boolean;
}

interface Handlers {
  readonly messages: Map<string, (bytes: Bytes, from: AccountId) => Promise<void>>;
  readonly requests: Map<string, (bytes: Bytes, from: AccountId, signal: AbortSignal) => AsyncIterable<Bytes>>;
  readonly gossip: Map<Topic, (bytes: Bytes, from: AccountId | undefined) => Promise<Verdict>>;
}

interface Endpoint {
  readonly account: AccountId;
  life: Life | undefined;
  handlers: Handlers;
}

export interface NetworkOptions {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly latencyMs: (from: number, to: number) => number;
  /** Sees every packet as it is handed to the network, before anything can happen to it. */
  readonly tap?: (packet: Packet) => void;
}

const noHandlers = (): Handlers => ({ messages: new Map(), requests: new Map(), gossip: new Map() });

export class SimulatedNetwork {
  readonly #options: NetworkOptions;
  readonly #endpoints: Endpoint[] = [];
  readonly weather: Weather = {
    lossPpm: 0,
    repeatPpm: 0,
    jitterMs: 0,
    clogged: new Map(),
    cut: new Set(),
    drop: () => false,
  };
  readonly counts = { packets: 0, bytes: 0, lost: 0, repeated: 0, cut: 0, dropped: 0 };

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** Adds a node; several may have one account (twins): what is sent to the account reaches all of them. */
  add(account: AccountId): number {
    this.#endpoints.push({ account, life: undefined, handlers: noHandlers() });
    return this.#endpoints.length - 1;
  }

  /** The transport of a new life of node `index`. */
  transport(index: number, life: Life): Transport {
    const endpoint = this.#endpoints[index] as Endpoint;
    const handlers = noHandlers();
    endpoint.life = life;
    endpoint.handlers = handlers;
    return {
      publish: async (topic, bytes) => {
        if (bytes.length > topicBytesMax[topic]) throw new FairmeshError("MESSAGE_TOO_LONG", `too long for ${topic}`);
        for (let to = 0; to < this.#endpoints.length; to++) {
          if (to !== index) this.#gossip({ from: index, to, kind: "gossip", protocol: topic, bytes }, topic);
        }
      },
      send: async (to, protocol, bytes, signal) => {
        signal.throwIfAborted();
        const targets = this.#at(to);
        if (targets.length === 0) throw new FairmeshError("PEER_UNREACHABLE", "nobody has that account");
        for (const target of targets) this.#message({ from: index, to: target, kind: "send", protocol, bytes });
      },
      request: (to, protocol, bytes, signal) => this.#request({ from: index, life }, { to, protocol, bytes, signal }),
      onGossip: (topic, handle) => handlers.gossip.set(topic, handle),
      onMessage: (protocol, handle) => handlers.messages.set(protocol, handle),
      onRequest: (protocol, handle) => handlers.requests.set(protocol, handle),
      peers: () =>
        this.#endpoints
          .filter(({ life: other, account }) => other?.alive === true && keyOf(account) !== keyOf(endpoint.account))
          .map(({ account }) => account),
    };
  }

  crash(index: number): void {
    const endpoint = this.#endpoints[index] as Endpoint;
    endpoint.life = undefined;
    endpoint.handlers = noHandlers();
  }

  #at(account: AccountId): readonly number[] {
    const key = keyOf(account);
    return this.#endpoints.flatMap((endpoint, index) => (keyOf(endpoint.account) === key ? [index] : []));
  }

  #message(packet: Packet): void {
    this.#carry(packet, () => {
      const { handlers } = this.#endpoints[packet.to] as Endpoint;
      const from = (this.#endpoints[packet.from] as Endpoint).account;
      handlers.messages
        .get(packet.protocol)?.(packet.bytes, from)
        .catch(() => {});
    });
  }

  #gossip(packet: Packet, topic: Topic): void {
    this.#carry(packet, () => {
      const { handlers } = this.#endpoints[packet.to] as Endpoint;
      const from = (this.#endpoints[packet.from] as Endpoint).account;
      handlers.gossip
        .get(topic)?.(packet.bytes, from)
        .catch(() => "ignore");
    });
  }

  async *#request(
    asker: { readonly from: number; readonly life: Life },
    question: {
      readonly to: AccountId;
      readonly protocol: string;
      readonly bytes: Bytes;
      readonly signal: AbortSignal;
    },
  ): AsyncIterable<Bytes> {
    const { to, protocol, bytes, signal } = question;
    signal.throwIfAborted();
    const candidates = this.#at(to).filter((index) => this.#endpoints[index]?.life?.alive === true);
    const target = candidates.length === 0 ? undefined : this.#options.random.pick(candidates);
    if (target === undefined) throw new FairmeshError("PEER_UNREACHABLE", "the peer is not there");
    const answer = await new Promise<Answer>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      const { from, life } = asker;
      this.#carry({ from, to: target, kind: "request", protocol, bytes }, () => {
        const endpoint = this.#endpoints[target] as Endpoint;
        const account = (this.#endpoints[from] as Endpoint).account;
        const handle = endpoint.handlers.requests.get(protocol);
        void collect(handle?.(bytes, account, signal)).then((answer) => {
          const size = answer.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
          const packet: Packet = {
            from: target,
            to: from,
            kind: "answer",
            protocol,
            bytes: new Uint8Array(Math.min(size, 1)),
          };
          this.#carry(packet, () => life.alive && resolve(answer));
        });
      });
    });
    yield* answer.chunks;
    if (answer.failed) throw new FairmeshError("PEER_FAILED", "the request failed");
  }

  /** Hands a packet over, or loses it, as the weather is. */
  #carry(packet: Packet, deliver: () => void): void {
    const { scheduler, random, latencyMs, tap } = this.#options;
    const { weather, counts } = this;
    if (this.#endpoints[packet.from]?.life?.alive !== true) return;
    tap?.(packet);
    counts.packets += 1;
    counts.bytes += packet.bytes.length;
    const copies = random.chance(weather.repeatPpm) ? 2 : 1;
    counts.repeated += copies - 1;
    for (let copy = 0; copy < copies; copy++) {
      if (random.chance(weather.lossPpm)) {
        counts.lost += 1;
        continue;
      }
      if (weather.drop(packet)) {
        counts.dropped += 1;
        continue;
      }
      const delayMs =
        latencyMs(packet.from, packet.to) +
        (weather.jitterMs === 0 ? 0 : random.below(weather.jitterMs + 1)) +
        (weather.clogged.get(packet.to) ?? 0);
      scheduler.after(
        delayMs,
        `${packet.kind} ${packet.from}>${packet.to} ${packet.protocol} ${packet.bytes.length}`,
        () => {
          if (weather.cut.has(`${packet.from}>${packet.to}`)) counts.cut += 1;
          else if (this.#endpoints[packet.to]?.life?.alive === true) deliver();
        },
      );
    }
  }
}

interface Answer {
  readonly chunks: readonly Bytes[];
  readonly failed: boolean;
}

/** The whole of an answer, as far as it goes; a protocol that nobody serves fails at once. */
async function collect(source: AsyncIterable<Bytes> | undefined): Promise<Answer> {
  const chunks: Bytes[] = [];
  if (source === undefined) return { chunks, failed: true };
  try {
    for await (const chunk of source) chunks.push(chunk);
    return { chunks, failed: false };
  } catch {
    return { chunks, failed: true };
  }
}
