// What the network adapter is given: addresses, limits and switches, all from configuration. Nothing here is a default:
// defaults and bounds live in src/config, so that there is one place to look.
import type { Bytes } from "../primitives/index.ts";

export interface NetworkOptions {
  /** Multiaddrs to listen on, such as /ip4/0.0.0.0/tcp/4701 or /ip4/0.0.0.0/tcp/4702/ws. */
  readonly listen: readonly string[];
  /** Multiaddrs to tell others instead of those found. */
  readonly announce: readonly string[];
  /** Peers to dial at start and to keep. */
  readonly bootstrap: readonly string[];
  /** Several nodes on one machine: private addresses are told to others, and addresses shared by peers are no offence. */
  readonly oneMachine: boolean;
  /** Refuse every connection whose key exchange is not X25519MLKEM768. */
  readonly strictPostQuantum: boolean;
  /** A libp2p swarm key file's bytes: only peers with the same key connect. */
  readonly swarmKey?: Bytes;
  readonly connectionsMax: number;
  /** Connections from one address; of no effect on `oneMachine`. */
  readonly connectionsPerHostMax: number;
  /** Provider records kept of one peer: nine an asset, on each of the twenty nodes nearest to a record's key. */
  readonly providersOfPeerMax: number;
  /** Bytes a second of answers to peers, together and to each; 0: no limit. */
  readonly answersPerSecond: number;
  readonly answersPerPeerPerSecond: number;
  /** Of them, bytes a second of answers to audits; 0: no limit of their own. */
  readonly auditsPerSecond: number;
  readonly mdns: boolean;
  /** Reach peers behind address translation through relays, and become reachable. */
  readonly relay: boolean;
  /** Serve as a relay for others. */
  readonly relayServer: boolean;
  readonly upnp: boolean;
}

/** Of `connectionsMax`, so many are kept free for the peers of a committee. */
export const reservedOf = (connectionsMax: number): number => Math.min(64, Math.floor(connectionsMax / 4));
