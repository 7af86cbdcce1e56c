// Gossip topics by network, with the longest message of each. A topic's name holds the network id: nodes of another
// network never share one.

import { type Topic, topicBytesMax, topics } from "../ports/index.ts";
import type { NetworkId } from "../primitives/index.ts";
import { protocolName } from "./protocols.ts";

export const gossipBytesMax = Math.max(...Object.values(topicBytesMax));

export const topicName = (networkId: NetworkId, topic: Topic): string => protocolName(networkId, topic);

/** Topic names to topics, for one network. */
export const topicTable = (networkId: NetworkId): ReadonlyMap<string, Topic> =>
  new Map(topics.map((topic) => [topicName(networkId, topic), topic]));
