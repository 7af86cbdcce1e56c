// Who may connect: nobody that is banned, not too many from one address, and the last places only for those with a seat.
// Asked by libp2p about every connection; told by network.ts who has a seat.
import type { ConnectionGater, MultiaddrConnection, PeerId } from "@libp2p/interface";
import { getNetConfig, isNetworkAddress } from "@libp2p/utils";
import type { Multiaddr } from "@multiformats/multiaddr";
import { type NetworkOptions, reservedOf } from "./options.ts";

export interface GateParts {
  readonly options: Pick<NetworkOptions, "connectionsMax" | "connectionsPerHostMax" | "oneMachine">;
  readonly isBanned: (peer: string) => boolean;
  readonly isReserved: (peer: string) => boolean;
  /** Addresses of the connections that are open now. */
  readonly connected: () => readonly Multiaddr[];
  readonly onDenied: (reason: "banned" | "host" | "full") => void;
}

const hostOf = (address: Multiaddr): string | undefined =>
  isNetworkAddress(address) ? getNetConfig(address).host : undefined;

export function createGate(parts: GateParts): ConnectionGater {
  const { options, isBanned, isReserved, connected, onDenied } = parts;
  const deny = (reason: "banned" | "host" | "full", denied: boolean): boolean => {
    if (denied) onDenied(reason);
    return denied;
  };
  const crowded = ({ remoteAddr }: MultiaddrConnection): boolean => {
    const host = options.oneMachine ? undefined : hostOf(remoteAddr);
    if (host === undefined) return false;
    return connected().filter((address) => hostOf(address) === host).length >= options.connectionsPerHostMax;
  };
  const full = (peer: PeerId): boolean =>
    !isReserved(peer.toString()) && connected().length >= options.connectionsMax - reservedOf(options.connectionsMax);
  return {
    // By default libp2p dials no private addresses from browsers only; here every address may be dialled.
    denyDialMultiaddr: () => false,
    denyDialPeer: (peer) => deny("banned", isBanned(peer.toString())),
    denyInboundConnection: (connection) => deny("host", crowded(connection)),
    denyInboundEncryptedConnection: (peer) => deny("banned", isBanned(peer.toString())) || deny("full", full(peer)),
  };
}
