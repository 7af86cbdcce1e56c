// Publishing and receiving gossip. A message is handed to its topic's handler, whose verdict decides whether it spreads:
// `reject` counts against whoever sent it. At most `inFlightMax` messages a topic are being judged at once, and at most
// `inFlightPerPeerMax` of one peer; what comes on top is ignored, so a flood on one topic never delays another.

import {
  type Counter,
  type Log,
  type Metrics,
  type Topic,
  type Transport,
  topics,
  type Verdict,
} from "../ports/index.ts";
import { type Bytes, FairmeshError, invariant, type NetworkId } from "../primitives/index.ts";
import type { Bindings } from "./bindings.ts";
import type { GossipSub } from "./gossip-options.ts";
import { topicBytesMax, topicName, topicTable } from "./topics.ts";

type GossipHandler = Parameters<Transport["onGossip"]>[1];

const inFlightMax: Readonly<Record<Topic, number>> = {
  consensus: 256,
  heads: 64,
  transactions: 256,
  capacity: 256,
  proofs: 128,
};
const inFlightPerPeerMax = 64;

export interface GossipParts {
  readonly gossip: GossipSub;
  readonly networkId: NetworkId;
  readonly bindings: Bindings;
  readonly log: Log;
  readonly metrics: Metrics;
}

interface Received {
  readonly msgId: string;
  readonly propagationSource: { toString(): string };
  readonly msg: { readonly topic: string; readonly data: Bytes };
}

/** What gossipsub offers but its public type leaves out. */
interface Reporting {
  reportMessageValidationResult(msgId: string, source: unknown, verdict: Verdict): void;
}

export class Gossip {
  readonly #parts: GossipParts;
  readonly #topics: ReadonlyMap<string, Topic>;
  readonly #handlers = new Map<Topic, GossipHandler>();
  readonly #inFlight = new Map<string, number>();
  readonly #received: Counter;

  constructor(parts: GossipParts) {
    this.#parts = parts;
    this.#topics = topicTable(parts.networkId);
    this.#received = parts.metrics.counter("fairmesh_gossip_received_total", {
      help: "Gossip messages received, by topic and verdict.",
      labels: ["topic", "verdict"],
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
    const verdict = await this.#judge(topic, msg.data, propagationSource.toString());
    this.#received.add(1, { topic, verdict });
    (this.#parts.gossip as unknown as Reporting).reportMessageValidationResult(msgId, propagationSource, verdict);
  }

  async #judge(topic: Topic, bytes: Bytes, peer: string): Promise<Verdict> {
    if (bytes.length > topicBytesMax[topic]) return "reject";
    const handle = this.#handlers.get(topic);
    if (handle === undefined) return "ignore";
    const ofPeer = `${topic} ${peer}`;
    if (!this.#enter(topic, inFlightMax[topic])) return "ignore";
    if (!this.#enter(ofPeer, inFlightPerPeerMax)) {
      this.#leave(topic);
      return "ignore";
    }
    try {
      return await handle(bytes, this.#parts.bindings.boundAccount(peer));
    } catch (cause) {
      this.#parts.log.error("a gossip handler failed", { topic, cause: String(cause) });
      return "ignore";
    } finally {
      this.#leave(topic);
      this.#leave(ofPeer);
    }
  }

  #enter(key: string, max: number): boolean {
    const count = this.#inFlight.get(key) ?? 0;
    if (count >= max) return false;
    this.#inFlight.set(key, count + 1);
    return true;
  }

  #leave(key: string): void {
    const count = (this.#inFlight.get(key) ?? 1) - 1;
    if (count === 0) this.#inFlight.delete(key);
    else this.#inFlight.set(key, count);
  }
}
