// Gossip that waits to be judged: bounded, and fair between topics and between the peers of a topic. A topic's turn comes by
// its weight, a peer's by rotation, so that whoever sends much waits for himself. When a topic is full, the oldest message of
// the peer that has most bytes waiting makes room. Pure bookkeeping; used by gossip.ts.
import type { Topic } from "../ports/index.ts";

export interface Lane {
  /** Turns among the topics that have something waiting. */
  readonly weight: number;
  readonly messagesMax: number;
  readonly bytesMax: number;
}

export interface Waiting {
  readonly topic: Topic;
  readonly peer: string;
  readonly bytes: { readonly length: number };
}

interface OfPeer<T> {
  readonly entries: T[];
  bytes: number;
}

interface OfTopic<T> {
  readonly lane: Lane;
  readonly peers: Map<string, OfPeer<T>>;
  count: number;
  bytes: number;
  credit: number;
}

export class FairQueue<T extends Waiting> {
  readonly #topics: ReadonlyMap<Topic, OfTopic<T>>;

  constructor(lanes: Readonly<Record<Topic, Lane>>) {
    this.#topics = new Map(
      Object.entries(lanes).map(([topic, lane]) => [
        topic as Topic,
        { lane, peers: new Map(), count: 0, bytes: 0, credit: 0 },
      ]),
    );
  }

  waiting(topic: Topic): number {
    return this.#topics.get(topic)?.count ?? 0;
  }

  /** Adds `entry`; answers those that had to go for it, itself among them when it is the longest of the most. */
  push(entry: T): readonly T[] {
    const topic = this.#topics.get(entry.topic) as OfTopic<T>;
    const peer = topic.peers.get(entry.peer) ?? { entries: [], bytes: 0 };
    topic.peers.set(entry.peer, peer);
    peer.entries.push(entry);
    peer.bytes += entry.bytes.length;
    topic.count += 1;
    topic.bytes += entry.bytes.length;
    const gone: T[] = [];
    while (topic.count > topic.lane.messagesMax || topic.bytes > topic.lane.bytesMax) gone.push(evict(topic));
    return gone;
  }

  /** The next to be judged among topics for which `open` answers true. */
  next(open: (topic: Topic) => boolean): T | undefined {
    let best: OfTopic<T> | undefined;
    let weights = 0;
    for (const [name, topic] of this.#topics) {
      if (topic.count === 0 || !open(name)) continue;
      topic.credit += topic.lane.weight;
      weights += topic.lane.weight;
      if (best === undefined || topic.credit > best.credit) best = topic;
    }
    if (best === undefined) return undefined;
    best.credit -= weights;
    const name = best.peers.keys().next().value as string;
    const peer = best.peers.get(name) as OfPeer<T>;
    // To the end of the rotation.
    best.peers.delete(name);
    best.peers.set(name, peer);
    return shift(best, name);
  }
}

function shift<T extends Waiting>(topic: OfTopic<T>, name: string): T {
  const peer = topic.peers.get(name) as OfPeer<T>;
  const entry = peer.entries.shift() as T;
  peer.bytes -= entry.bytes.length;
  topic.bytes -= entry.bytes.length;
  topic.count -= 1;
  if (peer.entries.length === 0) topic.peers.delete(name);
  if (topic.count === 0) topic.credit = 0;
  return entry;
}

function evict<T extends Waiting>(topic: OfTopic<T>): T {
  let most = "";
  let bytes = -1;
  for (const [name, peer] of topic.peers) {
    if (peer.bytes <= bytes) continue;
    most = name;
    bytes = peer.bytes;
  }
  return shift(topic, most);
}
