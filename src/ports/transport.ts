// The network as the runtime sees it: gossip to everyone, and streams to one account.
// Delivery is not promised: bytes may be lost, repeated, reordered or late. Who sent them is authenticated (I-3).
import type { AccountId, Bytes } from "../primitives/index.ts";
import { longTransactionBytesMax } from "../schema/index.ts";

export const topics = ["consensus", "heads", "transactions", "capacity", "proofs"] as const;
export type Topic = (typeof topics)[number];

/** The longest message of a topic: checked before it is published and again before it is decoded. */
export const topicBytesMax: Readonly<Record<Topic, number>> = {
  consensus: 256 << 10,
  heads: 256 << 10,
  transactions: longTransactionBytesMax + 8192,
  capacity: 8 << 10,
  proofs: 16 << 10,
};

/** What becomes of a gossiped message: spread on, silently dropped, or dropped and held against its sender. */
export type Verdict = "accept" | "ignore" | "reject";

export interface Transport {
  /** Ends when handed to the network; rejects with FairmeshError `MESSAGE_TOO_LONG` above the topic's limit. */
  publish(topic: Topic, bytes: Bytes): Promise<void>;
  /** One message to one account, no answer. Rejects with `PEER_UNREACHABLE`, or the signal's reason. */
  send(to: AccountId, protocol: string, bytes: Bytes, signal: AbortSignal): Promise<void>;
  /** Asks one account; its answer comes in chunks. Rejects as `send` does, and with `PEER_FAILED` when it breaks off. */
  request(to: AccountId, protocol: string, bytes: Bytes, signal: AbortSignal): AsyncIterable<Bytes>;
  /** At most one handler a topic. A handler that throws counts as `ignore`. */
  onGossip(topic: Topic, handle: (bytes: Bytes, from: AccountId | undefined) => Promise<Verdict>): void;
  onMessage(protocol: string, handle: (bytes: Bytes, from: AccountId) => Promise<void>): void;
  onRequest(
    protocol: string,
    handle: (bytes: Bytes, from: AccountId, signal: AbortSignal) => AsyncIterable<Bytes>,
  ): void;
  /** Accounts with an open, bound connection now. */
  peers(): readonly AccountId[];
}
