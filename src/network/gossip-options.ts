// How gossipsub is set up: content ids, no second signature (our messages carry their own), bounded everything, and scores
// whose weights fit our low-rate topics. Each figure is explained in docs/NETWORK.md.
// The alias in package.json keeps the name @chainsafe/libp2p-gossipsub on the code that is maintained (docs/adr/0001).
import { createHash } from "node:crypto";
import { type GossipSub, gossipsub } from "@chainsafe/libp2p-gossipsub";
import { createPeerScoreParams, createTopicScoreParams } from "@chainsafe/libp2p-gossipsub/score";
import { type Topic, topics } from "../ports/index.ts";
import type { NetworkId } from "../primitives/index.ts";
import { gossipBytesMax, topicName } from "./topics.ts";

export type { GossipSub } from "@chainsafe/libp2p-gossipsub";

/** Below these scores a peer is no longer gossiped with, published to, or listened to at all. */
export const scoreThresholds = {
  gossipThreshold: -40,
  publishThreshold: -60,
  graylistThreshold: -80,
  acceptPXThreshold: 100,
  opportunisticGraftThreshold: 1,
} as const;

/** A slot in the mesh is worth little; a rejected message costs much: four within a minute end in the graylist. */
const topicWeight: Readonly<Record<Topic, number>> = {
  consensus: 1,
  heads: 0.5,
  transactions: 0.5,
  capacity: 0.5,
  proofs: 0.5,
};

const topicScores = (networkId: NetworkId) =>
  Object.fromEntries(
    topics.map((topic) => [
      topicName(networkId, topic),
      createTopicScoreParams({
        topicWeight: topicWeight[topic],
        timeInMeshWeight: 0.01,
        timeInMeshQuantum: 1000,
        timeInMeshCap: 300,
        firstMessageDeliveriesWeight: 0.5,
        firstMessageDeliveriesDecay: 0.97,
        firstMessageDeliveriesCap: 20,
        // Topics are quiet for long: silence is no offence.
        meshMessageDeliveriesWeight: 0,
        meshFailurePenaltyWeight: 0,
        invalidMessageDeliveriesWeight: -10,
        invalidMessageDeliveriesDecay: 0.97,
      }),
    ]),
  );

const rpcBytesMax = Math.max(4 << 20, 2 * gossipBytesMax);

export interface GossipOptions {
  readonly networkId: NetworkId;
  readonly oneMachine: boolean;
  /** False only to measure what validation costs: messages spread unjudged. */
  readonly validated?: false;
  /** Ours to judge a peer by what happened outside gossip: added to its score. */
  readonly appScore: (peer: string) => number;
}

export function createGossipsub({
  networkId,
  oneMachine,
  validated,
  appScore,
}: GossipOptions): (components: never) => GossipSub {
  return gossipsub({
    globalSignaturePolicy: "StrictNoSign",
    asyncValidation: validated ?? true,
    fallbackToFloodsub: false,
    floodPublish: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    doPX: false,
    D: 4,
    Dlo: 3,
    Dhi: 8,
    idontwantMinDataSize: 65_536,
    allowedTopics: topics.map((topic) => topicName(networkId, topic)),
    // Of each copy that arrives: natively, since the portable hash would take as long as all else together.
    msgIdFn: ({ topic, data }) => createHash("sha256").update(topic).update(data).digest().subarray(0, 20),
    // An answer to IWANT holds many messages: a longer frame would cost an honest peer its place.
    maxInboundDataLength: rpcBytesMax,
    maxOutboundBufferSize: 8 << 20,
    maxTopicBytesPerPeer: 16 << 10,
    decodeRpcLimits: {
      maxSubscriptions: 32,
      maxMessages: 1024,
      maxIhaveMessageIDs: 1000,
      maxIwantMessageIDs: 1000,
      maxIdontwantMessageIDs: 1000,
      maxControlMessages: 64,
      maxPeerInfos: 16,
    },
    scoreParams: createPeerScoreParams({
      topics: topicScores(networkId),
      topicScoreCap: 30,
      appSpecificScore: appScore,
      // What happened outside gossip bans at 100 by itself; here it tips the scales, and never graylists alone.
      appSpecificWeight: 0.5,
      // Every node of a local network has one address: there it says nothing.
      IPColocationFactorWeight: oneMachine ? 0 : -5,
      IPColocationFactorThreshold: 4,
      behaviourPenaltyWeight: -5,
      behaviourPenaltyThreshold: 6,
      behaviourPenaltyDecay: 0.97,
      decayInterval: 1000,
      decayToZero: 0.01,
      retainScore: 600_000,
    }),
    scoreThresholds: { ...scoreThresholds },
  }) as unknown as (components: never) => GossipSub;
}

/** A peer's score now; missing from the public type. */
export const scoreOf = (gossip: GossipSub, peer: string): number =>
  (gossip as unknown as { getScore(peer: string): number }).getScore(peer);
