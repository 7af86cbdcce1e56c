// What the network adapter is given: addresses, limits and switches, all from configuration. Nothing here is a default:
// defaults and bounds live in src/config, so that there is one place to look.
import type { Bytes } from "../primitives/index.ts";

export interface NetworkOptions {
  /** Multiaddrs to listen on, such as /ip4/0.0.0.0/tcp/4701. */
  readonly listen: readonly string[];
  /** Multiaddrs to tell others instead of those found. */
  readonly announce: readonly string[];
  /** Peers to dial at start and to keep. */
  readonly bootstrap: readonly string[];
  /** Several nodes on one machine: private addresses are told to others, and addresses shared by peers are no offence. */
  readonly oneMachine: boolean;
  /** Refuse every connection whose key exchange is not X25519MLKEM768. */
  readonly strictPostQuantum: boolean;
  /** 95 bytes of a libp2p swarm key file: only peers with the same key connect. */
  readonly swarmKey?: Bytes;
  readonly connectionsMax: number;
  readonly mdns: boolean;
  /** Reach peers behind address translation through relays, and become reachable. */
  readonly relay: boolean;
  /** Serve as a relay for others. */
  readonly relayServer: boolean;
  readonly upnp: boolean;
}
