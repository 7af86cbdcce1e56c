// Publishing and receiving gossip. What comes waits its fair turn (fair-queue.ts) and is handed to its topic's handler, whose
// verdict decides whether it spreads: `reject` counts against whoever sent it. Only so many are judged at once, fewer of what
// is not urgent, so that neither a flood on one topic nor one by a peer delays the rest.

import {
  type Counter,
  type Gauge,
  type Log,
  type Metrics,
  type Topic,
  type Transport,
  topicBytesMax,
  topics,
  type Verdict,
} from "../ports/index.ts";
import { type Bytes, FairmeshError, invariant, type NetworkId } from "../primitives/index.ts";
import type { Bindings } from "./bindings.ts";
import { FairQueue, type Lane } from "./fair-queue.ts";
import type { GossipSub } from "./gossip-options.ts";
import type { Offence } from "./standing.ts";
import { TokenBucket } from "./token-bucket.ts";
import { topicName, topicTable } from "./topics.ts";

type GossipHandler = Parameters<Transport["onGossip"]>[1];

export const lanes: Readonly<Record<Topic, Lane>> = {
  consensus: { weight: 8, messagesMax: 1024, bytesMax: 16 << 20 },
  heads: { weight: 4, messagesMax: 128, bytesMax: 8 << 20 },
  transactions: { weight: 2, messagesMax: 1024, bytesMax: 16 << 20 },
  proofs: { weight: 1, messagesMax: 1024, bytesMax: 4 << 20 },
  capacity: { weight: 1, messagesMax: 1024, bytesMax: 4 << 20 },
};
/** Judged at once: of all topics, and of those that are not urgent (a thread pool has few threads, and votes need them). */
const judgedMax = 32;
const judgedPerTopicMax: Readonly<Record<Topic, number>> = {
  consensus: 32,
  heads: 32,
  transactions: 12,
  proofs: 12,
  capacity: 12,
};
/** gossipsub forgets what it was not told a verdict on after about seven seconds. */
const patienceMs = 5_000;
/** What one peer may make us judge in vain, and what it may send at all, messages a second. */
const vain = { perSecond: 100, burst: 2_000 };
const flood = { perSecond: 2_000, burst: 10_000 };
const ratesMax = 20_000;

export interface GossipParts {
  readonly gossip: GossipSub;
  readonly networkId: NetworkId;
  readonly bindings: Pick<Bindings, "boundAccount">;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly nowMs: () => number;
  readonly onOffence: (peer: string, offence: Offence) => void;
}

interface Received {
  readonly msgId: string;
  readonly propagationSource: { toString(): string };
  readonly msg: { readonly topic: string; readonly data: Bytes };
}

interface Entry {
  readonly topic: Topic;
  readonly peer: string;
  readonly bytes: Bytes;
  readonly atMs: number;
  readonly settle: (verdict: Verdict) => void;
}

/** What gossipsub offers but its public type leaves out. */
interface Reporting {
  /** `peer` as text: with the object that the event brings, a verdict would be held against nobody. */
  reportMessageValidationResult(msgId: string, peer: string, verdict: Verdict): void;
}

export class Gossip {
  readonly #parts: GossipParts;
  readonly #topics: ReadonlyMap<string, Topic>;
  readonly #handlers = new Map<Topic, GossipHandler>();
  readonly #queue = new FairQueue<Entry>(lanes);
  readonly #judged = new Map<Topic, number>();
  /** Rates by peer, and by peer and topic; the one longest unused is forgotten. */
  readonly #rates = new Map<string, TokenBucket>();
  readonly #received: Counter;
  readonly #dropped: Counter;
  readonly #waiting: Gauge;
  #judgedNow = 0;

  constructor(parts: GossipParts) {
    this.#parts = parts;
    this.#topics = topicTable(parts.networkId);
    this.#received = parts.metrics.counter("fairmesh_gossip_received_total", {
      help: "Gossip messages received, by topic and verdict.",
      labels: ["topic", "verdict"],
    });
    this.#dropped = parts.metrics.counter("fairmesh_gossip_dropped_total", {
      help: "Gossip messages dropped without being judged, by topic and reason.",
      labels: ["topic", "reason"],
    });
    this.#waiting = parts.metrics.gauge("fairmesh_gossip_waiting", {
      help: "Gossip messages that wait to be judged, by topic.",
      labels: ["topic"],
    });
  }

  start(): void {
    const { gossip, networkId } = this.#parts;
    gossip.addEventListener("gossipsub:message", ({ detail }) => void this.#receive(detail as unknown as Received));
    for (const topic of topics) gossip.subscribe(topicName(networkId, topic));
  }

  onGossip(topic: Topic, handle: GossipHandler): void {
    invariant(!this.#handlers.has(topic), "a topic has one handler", { topic });
    this.#handlers.set(topic, handle);
  }

  async publish(topic: Topic, bytes: Bytes): Promise<void> {
    if (bytes.length > topicBytesMax[topic]) {
      throw new FairmeshError("MESSAGE_TOO_LONG", `a message on ${topic} has at most ${topicBytesMax[topic]} bytes`, {
        fields: { length: bytes.length },
      });
    }
    await this.#parts.gossip.publish(topicName(this.#parts.networkId, topic), bytes);
  }

  async #receive({ msgId, propagationSource, msg }: Received): Promise<void> {
    const topic = this.#topics.get(msg.topic);
    if (topic === undefined) return;
    const peer = propagationSource.toString();
    const verdict = await this.#verdictOn(topic, msg.data, peer);
    this.#received.add(1, { topic, verdict });
    if (verdict !== "accept") this.#rate(`${peer} ${topic}`, vain).owe(1);
    (this.#parts.gossip as unknown as Reporting).reportMessageValidationResult(msgId, peer, verdict);
  }

  #verdictOn(topic: Topic, bytes: Bytes, peer: string): Verdict | Promise<Verdict> {
    if (bytes.length > topicBytesMax[topic]) return "reject";
    if (!this.#handlers.has(topic)) return "ignore";
    if (!this.#rate(peer, flood).take()) {
      this.#parts.onOffence(peer, "gossip-flood");
      return this.#drop(topic, "flood");
    }
    if (!this.#rate(`${peer} ${topic}`, vain).holds) return this.#drop(topic, "peer");
    return new Promise((settle) => {
      const entry: Entry = { topic, peer, bytes, atMs: this.#parts.nowMs(), settle };
      for (const gone of this.#queue.push(entry)) gone.settle(this.#drop(topic, "full"));
      this.#judgeMore();
    });
  }

  #drop(topic: Topic, reason: "flood" | "peer" | "full" | "late"): Verdict {
    this.#dropped.add(1, { topic, reason });
    return "ignore";
  }

  #judgeMore(): void {
    const open = (topic: Topic): boolean => (this.#judged.get(topic) ?? 0) < judgedPerTopicMax[topic];
    while (this.#judgedNow < judgedMax) {
      const entry = this.#queue.next(open);
      if (entry === undefined) return;
      this.#waiting.set(this.#queue.waiting(entry.topic), { topic: entry.topic });
      if (this.#parts.nowMs() - entry.atMs > patienceMs) entry.settle(this.#drop(entry.topic, "late"));
      else void this.#judge(entry);
    }
  }

  async #judge({ topic, peer, bytes, settle }: Entry): Promise<void> {
    this.#judgedNow += 1;
    this.#judged.set(topic, (this.#judged.get(topic) ?? 0) + 1);
    try {
      const handle = this.#handlers.get(topic) as GossipHandler;
      settle(await handle(bytes, this.#parts.bindings.boundAccount(peer)));
    } catch (cause) {
      this.#parts.log.error("a gossip handler failed", { topic, cause: String(cause) });
      settle("ignore");
    } finally {
      this.#judgedNow -= 1;
      this.#judged.set(topic, (this.#judged.get(topic) ?? 1) - 1);
      this.#judgeMore();
    }
  }

  #rate(key: string, rate: typeof vain | typeof flood): TokenBucket {
    const bucket = this.#rates.get(key) ?? new TokenBucket({ ...rate, nowMs: this.#parts.nowMs });
    this.#rates.delete(key);
    this.#rates.set(key, bucket);
    if (this.#rates.size > ratesMax) this.#rates.delete(this.#rates.keys().next().value as string);
    return bucket;
  }
}
