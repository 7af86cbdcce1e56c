// The network adapter as a whole: one libp2p host behind the Transport and Discovery ports. Made by the composition root.
import type { PeerId, Stream } from "@libp2p/interface";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import type { Verifier } from "../crypto/index.ts";
import type { Discovery, Log, Metrics, Signer, Transport } from "../ports/index.ts";
import type { AccountId, Bytes, NetworkId } from "../primitives/index.ts";
import { Bindings, type BindingView } from "./bindings.ts";
import { boundDatastore } from "./bounded-datastore.ts";
import { peerIdFromBytes } from "./check-binding.ts";
import { DhtDiscovery } from "./discovery.ts";
import { createGate } from "./gate.ts";
import { Gossip } from "./gossip.ts";
import { scoreOf } from "./gossip-options.ts";
import { createHost, type Host, peerKeyOf, type RecordTimes, type Transports } from "./host.ts";
import { listenFailure } from "./listen-failure.ts";
import type { NetworkOptions } from "./options.ts";
import { loadBans, type PeerDatastore, saveBans } from "./peer-datastore.ts";
import { protocolName } from "./protocols.ts";
import { type Ban, type Offence, Standing } from "./standing.ts";
import { Streams } from "./streams.ts";
import { type Named, Traffic, type TrafficSums } from "./traffic.ts";
import { startUpkeep } from "./upkeep.ts";

export interface NetworkParts {
  readonly networkId: NetworkId;
  readonly options: NetworkOptions;
  /** Ed25519 seed of the peer key, 32 bytes. */
  readonly peerSeed: Bytes;
  readonly signer: Signer;
  readonly verifier: Verifier;
  readonly view: BindingView;
  /** See BindingParts.seq. */
  readonly bindingSeq: number;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Keeps known peers and bans over a restart; memory when absent. Whoever opened it closes it, after `stop`. */
  readonly datastore?: PeerDatastore;
  /** Further libp2p transports: the in-memory one of tests. */
  readonly transports?: Transports;
  readonly nowMs?: () => number;
  /** How long provider records last, and when they are announced again; tests do not wait for days. */
  readonly recordTimes?: RecordTimes;
}

export interface PeerInfo {
  readonly peer: string;
  readonly account: AccountId | undefined;
  readonly addresses: readonly string[];
  readonly direction: "inbound" | "outbound";
  readonly bytes: TrafficSums;
  /** The gossip score, what happened outside gossip included. */
  readonly score: number;
}

export interface Network {
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly peerId: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Full multiaddrs, peer id included, under which this node can be dialled. */
  addresses(): readonly string[];
  peers(): readonly PeerInfo[];
  dial(address: string, signal: AbortSignal): Promise<void>;
  /** Calls `run` with each account whose connection became bound. */
  onPeer(run: (account: AccountId) => void): void;
  /** The peers (multihash bytes, as the ledger has them) that have a seat: they are dialled, kept, and never find us full. */
  reserve(peers: readonly Bytes[]): void;
  /** Holds something against the node of an account: what it said turned out false. */
  report(account: AccountId, offence: Offence, detail?: string): void;
  bans(): readonly Ban[];
  unban(peer: string): void;
  traffic(): ReadonlyMap<string, TrafficSums>;
}

/** What a peer's gossip may weigh: four times what the design's largest network has (docs/NETWORK.md). */
const gossipRate = { perSecond: 4 << 20, burst: 16 << 20 } as const;

/** libp2p's own protocols, under the names that traffic is counted by. */
const hostProtocols = (networkId: NetworkId): readonly (readonly [id: string, named: Named])[] => [
  ["/meshsub/1.2.0", { name: "gossip", rate: gossipRate }],
  ["/meshsub/1.1.0", { name: "gossip", rate: gossipRate }],
  ["/ipfs/id/1.0.0", { name: "identify", bytesMax: 64 << 10 }],
  ["/ipfs/id/push/1.0.0", { name: "identify", bytesMax: 64 << 10 }],
  ["/ipfs/ping/1.0.0", { name: "ping" }],
  [protocolName(networkId, "kad"), { name: "dht", bytesMax: 256 << 10 }],
  [protocolName(networkId, "binding"), { name: "binding", bytesMax: 64 << 10 }],
];

async function assemble(parts: NetworkParts) {
  const { networkId, options, log, metrics, nowMs = Date.now } = parts;
  let host: Host | undefined;
  let reserved: readonly PeerId[] = [];
  const { datastore } = parts;
  const standing = new Standing(
    {
      log,
      nowMs,
      save: (bans) => {
        if (datastore === undefined) return;
        saveBans(datastore, bans).catch((cause: unknown) => log.warn("bans were not saved", { cause: String(cause) }));
      },
      onBan: (peer) => {
        for (const connection of host?.getConnections() ?? []) {
          if (connection.remotePeer.toString() === peer) connection.abort(new Error("banned"));
        }
      },
    },
    await loadBans(datastore),
  );
  const onOffence = (peer: string, offence: Offence, detail?: string): void => standing.report(peer, offence, detail);
  const denied = metrics.counter("fairmesh_network_denied_total", {
    help: "Connections refused, by reason.",
    labels: ["reason"],
  });
  const gate = createGate({
    options,
    isBanned: (peer) => standing.isBanned(peer),
    isReserved: (peer) => reserved.some((each) => each.toString() === peer),
    connected: () => host?.getConnections().map(({ remoteAddr }) => remoteAddr) ?? [],
    onDenied: (reason) => denied.add(1, { reason }),
  });
  const peerKey = await peerKeyOf(parts.peerSeed);
  const traffic = new Traffic({ metrics, limits: options, nowMs, onOffence });
  for (const [id, named] of hostProtocols(networkId)) traffic.name(id, named);
  const peerOf = (stream: Stream): string | undefined =>
    host
      ?.getConnections()
      .find((connection) => connection.streams.includes(stream))
      ?.remotePeer.toString();
  host = await createHost({
    metrics: traffic.hostMetrics(peerOf),
    networkId,
    options,
    gate,
    peerSeed: parts.peerSeed,
    datastore: await boundDatastore(datastore, {
      self: peerIdFromPrivateKey(peerKey).toString(),
      providersOfPeerMax: options.providersOfPeerMax,
      onRefused: (peer) => onOffence(peer, "too-many-records"),
    }),
    appScore: (peer) => standing.score(peer),
    transports: parts.transports ?? [],
    recordTimes: parts.recordTimes,
  });
  const { signer, verifier, view } = parts;
  const common = { host, networkId, log, onOffence, nowMs };
  const bindings = new Bindings({ ...common, signer, peerKey, verifier, view, seq: parts.bindingSeq });
  const gossip = new Gossip({ ...common, gossip: host.services.gossip, bindings, metrics });
  const streams = new Streams({ ...common, bindings, traffic });
  return {
    host,
    standing,
    traffic,
    bindings,
    gossip,
    streams,
    reserved: () => reserved,
    reserve: (peers: readonly Bytes[]) => {
      reserved = peers.map(peerIdFromBytes);
    },
  };
}

export async function createNetwork(parts: NetworkParts): Promise<Network> {
  const { options, log } = parts;
  const { host, standing, traffic, bindings, gossip, streams, reserved, reserve } = await assemble(parts);
  let stopUpkeep: () => Promise<void> = async () => {};
  return {
    peerId: host.peerId.toString(),
    transport: {
      publish: (topic, bytes) => gossip.publish(topic, bytes),
      send: (to, protocol, bytes, signal) => streams.send(to, protocol, bytes, signal),
      request: (to, protocol, bytes, signal) => streams.request(to, protocol, bytes, signal),
      onGossip: (topic, handle) => gossip.onGossip(topic, handle),
      onMessage: (protocol, handle) => streams.onMessage(protocol, handle),
      onRequest: (protocol, handle) => streams.onRequest(protocol, handle),
      peers: () => bindings.accounts(),
    },
    discovery: new DhtDiscovery({ host, bindings, log }),
    async start() {
      await streams.start();
      await bindings.start();
      await Promise.resolve(host.start()).catch((cause: unknown) => {
        throw listenFailure(cause);
      });
      gossip.start();
      stopUpkeep = startUpkeep({ host, bindings, standing, bootstrap: options.bootstrap, reserved, log });
    },
    async stop() {
      await stopUpkeep();
      await host.stop();
    },
    addresses: () => host.getMultiaddrs().map(String),
    peers: () =>
      host.getConnections().map(({ remotePeer, remoteAddr, direction }) => ({
        peer: remotePeer.toString(),
        account: bindings.boundAccount(remotePeer.toString()),
        addresses: [remoteAddr.toString()],
        direction,
        bytes: traffic.ofPeer(remotePeer.toString()),
        score: scoreOf(host.services.gossip, remotePeer.toString()),
      })),
    async dial(address, signal) {
      await host.dial(multiaddr(address), { signal });
    },
    onPeer: (run) => bindings.onBound(run),
    reserve,
    report(account, offence, detail) {
      const peer = bindings.lastPeerOf(account);
      if (peer !== undefined) standing.report(peer.toString(), offence, detail);
    },
    bans: () => standing.bans(),
    unban: (peer) => standing.unban(peer),
    traffic: () => traffic.byProtocol(),
  };
}
