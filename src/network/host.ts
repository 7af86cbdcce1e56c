// The libp2p host: transports, secure channels, and the services the rest of this folder stands on. Made by network.ts only.
import { noise } from "@chainsafe/libp2p-noise";
import { autoNATv2 } from "@libp2p/autonat-v2";
import { bootstrap } from "@libp2p/bootstrap";
import { circuitRelayServer, circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { dcutr } from "@libp2p/dcutr";
import { type Identify, identify } from "@libp2p/identify";
import type { Libp2p, PrivateKey } from "@libp2p/interface";
import { type KadDHT, kadDHT, passthroughMapper, removePrivateAddressesMapper } from "@libp2p/kad-dht";
import { mdns } from "@libp2p/mdns";
import { type Ping, ping } from "@libp2p/ping";
import { preSharedKey } from "@libp2p/pnet";
import { tcp } from "@libp2p/tcp";
import { tls } from "@libp2p/tls";
import { uPnPNAT } from "@libp2p/upnp-nat";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { createLibp2p, type Libp2pOptions } from "libp2p";
import type { Bytes, NetworkId } from "../primitives/index.ts";
import { createGossipsub, type GossipSub } from "./gossip-options.ts";
import type { NetworkOptions } from "./options.ts";
import { requirePostQuantumTls } from "./post-quantum-tls.ts";
import { protocolName } from "./topics.ts";

export type HostServices = {
  readonly identify: Identify;
  readonly ping: Ping;
  readonly dht: KadDHT;
  readonly gossip: GossipSub;
};
export type Host = Libp2p<HostServices>;

export interface HostParts {
  readonly networkId: NetworkId;
  /** Ed25519 seed, 32 bytes. */
  readonly peerSeed: Bytes;
  readonly options: NetworkOptions;
  /** A libp2p datastore for the peer store; memory when absent. */
  readonly datastore: Libp2pOptions["datastore"];
  readonly appScore: (peer: string) => number;
  /** True: the peer is banned and never connected to. */
  readonly banned: (peer: string) => boolean;
}

export const peerKeyOf = (peerSeed: Bytes): Promise<PrivateKey> => generateKeyPairFromSeed("Ed25519", peerSeed);

function discoveryOf(options: NetworkOptions): NonNullable<Libp2pOptions["peerDiscovery"]> {
  return [
    ...(options.bootstrap.length > 0
      ? // An infinite tag time throws inside and never dials; a keep-alive tag of 100 days does what was meant.
        [
          bootstrap({
            list: [...options.bootstrap],
            tagName: "keep-alive-bootstrap",
            tagTTL: 8_640_000_000,
            timeout: 100,
          }),
        ]
      : []),
    ...(options.mdns ? [mdns()] : []),
  ];
}

export async function createHost(parts: HostParts): Promise<Host> {
  const { options, networkId } = parts;
  if (options.strictPostQuantum) requirePostQuantumTls();
  const limits = options.oneMachine ? 256 : 16;
  return createLibp2p<HostServices>({
    start: false,
    privateKey: await peerKeyOf(parts.peerSeed),
    addresses: { listen: [...options.listen], announce: [...options.announce] },
    ...(parts.datastore === undefined ? {} : { datastore: parts.datastore }),
    transports: [
      tcp({ maxConnections: options.connectionsMax }),
      webSockets(),
      ...(options.relay ? [circuitRelayTransport()] : []),
    ],
    connectionEncrypters: options.strictPostQuantum ? [tls()] : [tls(), noise()],
    streamMuxers: [yamux({ maxInboundStreams: 512, maxOutboundStreams: 512, maxMessageSize: 64 << 10 })],
    ...(options.swarmKey === undefined ? {} : { connectionProtector: preSharedKey({ psk: options.swarmKey }) }),
    connectionGater: {
      denyDialPeer: (peer) => parts.banned(peer.toString()),
      denyInboundEncryptedConnection: (peer) => parts.banned(peer.toString()),
    },
    connectionManager: {
      maxConnections: options.connectionsMax,
      inboundConnectionThreshold: limits,
      maxIncomingPendingConnections: limits,
    },
    connectionMonitor: { pingInterval: 30_000 },
    peerDiscovery: discoveryOf(options),
    services: {
      identify: identify(),
      ping: ping(),
      gossip: createGossipsub({ networkId, oneMachine: options.oneMachine, appScore: parts.appScore }) as never,
      dht: kadDHT({
        protocol: protocolName(networkId, "kad"),
        clientMode: false,
        peerInfoMapper: options.oneMachine ? passthroughMapper : removePrivateAddressesMapper,
      }),
      ...(options.relay ? { dcutr: dcutr(), autoNAT: autoNATv2() } : {}),
      ...(options.relayServer ? { relay: circuitRelayServer() } : {}),
      ...(options.upnp ? { upnp: uPnPNAT() } : {}),
    },
  }) as Promise<Host>;
}
