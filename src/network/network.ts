// The network adapter as a whole: one libp2p host behind the Transport and Discovery ports. Made by the composition root.

import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import type { Libp2pOptions } from "libp2p";
import type { Verifier } from "../crypto/index.ts";
import type { Discovery, Log, Metrics, Signer, Transport } from "../ports/index.ts";
import type { AccountId, Bytes, NetworkId } from "../primitives/index.ts";
import { Bindings, type BindingView } from "./bindings.ts";
import { DhtDiscovery } from "./discovery.ts";
import { Gossip } from "./gossip.ts";
import { createHost, type Host, peerKeyOf } from "./host.ts";
import type { NetworkOptions } from "./options.ts";
import { Streams } from "./streams.ts";

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
  readonly datastore?: Libp2pOptions["datastore"];
}

export interface PeerInfo {
  readonly peer: string;
  readonly account: AccountId | undefined;
  readonly addresses: readonly string[];
  readonly direction: "inbound" | "outbound";
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
}

const watchMs = 15_000;

/** A peer that lost its gossip stream stays connected and silent: dial it again (see docs/NETWORK.md). */
function watchGossip(host: Host, log: Log): () => void {
  const missing = new Set<string>();
  const timer = setInterval(() => {
    const gossiping = new Set(host.services.gossip.getPeers().map(String));
    for (const connection of host.getConnections()) {
      const peer = connection.remotePeer.toString();
      if (gossiping.has(peer)) missing.delete(peer);
      else if (missing.delete(peer)) {
        log.info("a connected peer takes no part in gossip; connecting again", { peer });
        void connection.close().catch(() => connection.abort(new Error("gossip lost")));
      } else missing.add(peer);
    }
  }, watchMs);
  return () => clearInterval(timer);
}

/** Keeps dialling bootstrap peers that are not connected: the network may start before they do. */
function keepBootstrap(host: Host, addresses: readonly string[], log: Log): () => void {
  const stopped = new AbortController();
  const dialAll = async (): Promise<void> => {
    for (const address of addresses) {
      const peer = address.split("/p2p/").at(-1) as string;
      if (stopped.signal.aborted || host.getConnections(peerIdFromString(peer)).length > 0) continue;
      await host
        .dial(multiaddr(address), { signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(5_000)]) })
        .catch((cause: unknown) => log.debug("a bootstrap peer does not answer", { address, cause: String(cause) }));
    }
  };
  const timer = setInterval(() => void dialAll(), 3_000);
  void dialAll();
  return () => {
    stopped.abort(new Error("stopping"));
    clearInterval(timer);
  };
}

export async function createNetwork(parts: NetworkParts): Promise<Network> {
  const { networkId, options, log, metrics } = parts;
  const host = await createHost({
    networkId,
    peerSeed: parts.peerSeed,
    options,
    datastore: parts.datastore,
    appScore: () => 0,
    banned: () => false,
  });
  const peerKey = await peerKeyOf(parts.peerSeed);
  const { signer, verifier, view } = parts;
  const bindings = new Bindings({ host, networkId, signer, peerKey, verifier, view, log, seq: parts.bindingSeq });
  const gossip = new Gossip({ gossip: host.services.gossip, networkId, bindings, log, metrics });
  const streams = new Streams({ host, networkId, bindings, log });
  const stopping: (() => void)[] = [];
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
      await host.start();
      gossip.start();
      stopping.push(watchGossip(host, log), keepBootstrap(host, options.bootstrap, log));
    },
    async stop() {
      for (const stop of stopping) stop();
      await host.stop();
    },
    addresses: () => host.getMultiaddrs().map(String),
    peers: () =>
      host.getConnections().map((connection) => ({
        peer: connection.remotePeer.toString(),
        account: bindings.boundAccount(connection.remotePeer.toString()),
        addresses: [connection.remoteAddr.toString()],
        direction: connection.direction,
      })),
    async dial(address, signal) {
      await host.dial(multiaddr(address), { signal });
    },
    onPeer: (run) => bindings.onBound(run),
  };
}
