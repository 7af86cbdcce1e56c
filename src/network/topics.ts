// Gossip topics by network, with the longest message of each. A topic's name holds the network id: nodes of another
// network never share one.

import { type Topic, topics } from "../ports/index.ts";
import { type NetworkId, toHex } from "../primitives/index.ts";
import { longTransactionBytesMax } from "../schema/index.ts";

/** Checked before a message is published and again before it is decoded (an oversize frame would cost us the stream). */
export const topicBytesMax: Readonly<Record<Topic, number>> = {
  consensus: 256 << 10,
  heads: 256 << 10,
  transactions: longTransactionBytesMax + 8192,
  capacity: 8 << 10,
  proofs: 16 << 10,
};

export const gossipBytesMax = Math.max(...Object.values(topicBytesMax));

const shortId = (networkId: NetworkId): string => toHex(networkId.subarray(0, 8));

export const topicName = (networkId: NetworkId, topic: Topic): string => `/fairmesh/${shortId(networkId)}/${topic}/1`;

/** Topic names to topics, for one network. */
export const topicTable = (networkId: NetworkId): ReadonlyMap<string, Topic> =>
  new Map(topics.map((topic) => [topicName(networkId, topic), topic]));

/** A stream protocol's libp2p id. */
export const protocolName = (networkId: NetworkId, protocol: string): string =>
  `/fairmesh/${shortId(networkId)}/${protocol}/1`;
