// The libp2p host: transports, secure channels, and the services the rest of this folder stands on. Made by network.ts only.
import { noise } from "@chainsafe/libp2p-noise";
import { autoNATv2 } from "@libp2p/autonat-v2";
import { bootstrap } from "@libp2p/bootstrap";
import { circuitRelayServer, circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { dcutr } from "@libp2p/dcutr";
import { type Identify, identify } from "@libp2p/identify";
import type { ConnectionGater, Libp2p, Metrics, PrivateKey } from "@libp2p/interface";
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
import { dhtPrefix } from "./bounded-datastore.ts";
import { createGossipsub, type GossipSub } from "./gossip-options.ts";
import type { NetworkOptions } from "./options.ts";
import { requirePostQuantumTls } from "./post-quantum-tls.ts";
import { protocolName, windowBytes } from "./protocols.ts";

type HostServices = {
  readonly identify: Identify;
  readonly ping: Ping;
  readonly dht: KadDHT;
  readonly gossip: GossipSub;
};
export type Host = Libp2p<HostServices>;
export type Transports = NonNullable<Libp2pOptions["transports"]>;

export interface HostParts {
  readonly networkId: NetworkId;
  /** Ed25519 seed, 32 bytes. */
  readonly peerSeed: Bytes;
  readonly options: NetworkOptions;
  /** For the peer store and what the DHT keeps of others, bounded. */
  readonly datastore: NonNullable<Libp2pOptions["datastore"]>;
  readonly appScore: (peer: string) => number;
  readonly gate: ConnectionGater;
  readonly metrics: Metrics;
  /** Further transports: the in-memory one of tests. */
  readonly transports: Transports;
  readonly recordTimes?: RecordTimes | undefined;
}

/** Provider records: looked through every so often; ours are announced again in the last part of their life. Milliseconds. */
export interface RecordTimes {
  readonly interval: number;
  readonly threshold: number;
  readonly validity: number;
}

export const peerKeyOf = (peerSeed: Bytes): Promise<PrivateKey> => generateKeyPairFromSeed("Ed25519", peerSeed);

/** Streams of one connection, each way; identify, DHT queries and ours together. */
const streamsMax = 256;
const writeBufferBytesMax = 8 << 20;
/** Questions of one peer to our part of the DHT at once. */
const dhtStreamsMax = 16;

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

/** No DHT values, not even libp2p's own public keys, whose records could be of any size (docs/adr/0002). */
const refuseValue = (): never => {
  throw new Error("this network stores no values");
};

const hourMs = 3_600_000;
const usualTimes: RecordTimes = { interval: hourMs, threshold: 24 * hourMs, validity: 48 * hourMs };

const dhtOf = ({ networkId, options, recordTimes = usualTimes }: HostParts) =>
  kadDHT({
    protocol: protocolName(networkId, "kad"),
    datastorePrefix: dhtPrefix,
    clientMode: false,
    validators: { pk: refuseValue },
    maxInboundStreams: dhtStreamsMax,
    incomingMessageTimeout: 5_000,
    reprovide: recordTimes,
    peerInfoMapper: options.oneMachine ? passthroughMapper : removePrivateAddressesMapper,
  });

export async function createHost(parts: HostParts): Promise<Host> {
  const { options, networkId } = parts;
  if (options.strictPostQuantum) requirePostQuantumTls();
  const pending = options.oneMachine ? 256 : 16;
  return createLibp2p<HostServices>({
    start: false,
    privateKey: await peerKeyOf(parts.peerSeed),
    addresses: { listen: [...options.listen], announce: [...options.announce] },
    datastore: parts.datastore,
    transports: [
      tcp({ maxConnections: options.connectionsMax, inboundSocketInactivityTimeout: 120_000 }),
      webSockets(),
      ...(options.relay ? [circuitRelayTransport()] : []),
      ...parts.transports,
    ],
    connectionEncrypters: options.strictPostQuantum ? [tls()] : [tls(), noise()],
    streamMuxers: [
      yamux({
        maxInboundStreams: streamsMax,
        maxOutboundStreams: streamsMax,
        maxMessageSize: 64 << 10,
        streamOptions: {
          maxStreamWindowSize: windowBytes,
          // A paused stream may still be sent a window of data.
          maxReadBufferLength: 2 * windowBytes,
          maxWriteBufferLength: writeBufferBytesMax,
        },
      }),
    ],
    ...(options.swarmKey === undefined ? {} : { connectionProtector: preSharedKey({ psk: options.swarmKey }) }),
    connectionGater: parts.gate,
    metrics: () => parts.metrics,
    connectionManager: {
      maxConnections: options.connectionsMax,
      inboundConnectionThreshold: pending,
      maxIncomingPendingConnections: pending,
    },
    connectionMonitor: { pingInterval: 30_000 },
    peerDiscovery: discoveryOf(options),
    services: {
      identify: identify(),
      ping: ping(),
      gossip: createGossipsub({ networkId, oneMachine: options.oneMachine, appScore: parts.appScore }) as never,
      dht: dhtOf(parts),
      ...(options.relay ? { dcutr: dcutr() } : {}),
      // Mapped ports are used once someone outside has confirmed them.
      ...(options.relay || options.upnp ? { autoNAT: autoNATv2() } : {}),
      ...(options.relayServer ? { relay: circuitRelayServer() } : {}),
      ...(options.upnp ? { upnp: uPnPNAT() } : {}),
    },
  }) as Promise<Host>;
}
