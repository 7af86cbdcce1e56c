// libp2p with the services that our nodes have, and nothing of ours around it: what benchmarks compare with.
import { noise } from "@chainsafe/libp2p-noise";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { type Identify, identify } from "@libp2p/identify";
import type { Libp2p } from "@libp2p/interface";
import { type KadDHT, kadDHT, passthroughMapper } from "@libp2p/kad-dht";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { tls } from "@libp2p/tls";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { createLibp2p, type Libp2pOptions } from "libp2p";
import { sha256 } from "../../src/crypto/index.ts";
import { createGossipsub, type GossipSub } from "../../src/network/gossip-options.ts";
import { protocolName } from "../../src/network/protocols.ts";
import { utf8ToBytes } from "../../src/primitives/index.ts";
import { testNetworkId } from "./test-network.ts";

export type PlainHost = Libp2p<{ identify: Identify; gossip: GossipSub; dht: KadDHT }>;

export async function makePlainHost(
  index: number,
  {
    listen = ["/ip4/127.0.0.1/tcp/0"],
    transports = [],
  }: { readonly listen?: string[]; readonly transports?: Libp2pOptions["transports"] } = {},
): Promise<PlainHost> {
  const gossip = createGossipsub({
    networkId: testNetworkId,
    oneMachine: true,
    validated: false,
    appScore: () => 0,
  });
  return createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed("Ed25519", sha256(utf8ToBytes(`plain ${index}`))),
    addresses: { listen },
    transports: [tcp(), webSockets(), ...(transports ?? [])],
    connectionEncrypters: [tls(), noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 256, maxIncomingPendingConnections: 256 },
    services: {
      identify: identify(),
      ping: ping(),
      gossip: gossip as never,
      dht: kadDHT({
        protocol: protocolName(testNetworkId, "kad"),
        clientMode: false,
        peerInfoMapper: passthroughMapper,
      }),
    },
  }) as unknown as Promise<PlainHost>;
}
