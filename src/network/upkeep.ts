// What has to be looked after while the network runs, once a second: bootstrap peers, peers with a seat and known ones are
// dialled, connections without a binding or without gossip are ended, whoever gossip has given up on is banned, and bindings
// are renewed in time. Made by network.ts; ends with it.
import type { Connection, PeerId } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import type { Log } from "../ports/index.ts";
import type { Bindings } from "./bindings.ts";
import { scoreOf, scoreThresholds } from "./gossip-options.ts";
import type { Host } from "./host.ts";
import type { Standing } from "./standing.ts";

export interface UpkeepParts {
  readonly host: Host;
  readonly bindings: Bindings;
  readonly standing: Standing;
  readonly bootstrap: readonly string[];
  /** Peers with a seat. */
  readonly reserved: () => readonly PeerId[];
  readonly log: Log;
}

const tickMs = 1_000;
const dialEveryTicks = 3;
const gossipEveryTicks = 15;
const dialMs = 5_000;
const bindWithinMs = 20_000;
/** Identify says that a peer speaks our protocols, and may be lost on a busy machine: then the one that dialled asks anyway. */
const askAfterMs = 2_000;
/** With fewer connections than this, peers known from before are tried. */
const connectionsWanted = 4;
const knownTriedAtOnce = 4;

export function startUpkeep(parts: UpkeepParts): () => Promise<void> {
  const upkeep = new Upkeep(parts);
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const tick = (): void => {
    if (busy) return;
    busy = true;
    running = upkeep.tick().finally(() => {
      busy = false;
    });
  };
  const timer = setInterval(tick, tickMs);
  tick();
  return async () => {
    clearInterval(timer);
    upkeep.stop();
    await running;
  };
}

class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #stopped = new AbortController();
  /** Peers that were connected without taking part in gossip when last looked at. */
  readonly #silent = new Set<string>();
  #ticks = 0;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  stop(): void {
    this.#stopped.abort(new Error("stopping"));
  }

  async tick(): Promise<void> {
    const { log, bindings } = this.#parts;
    try {
      this.#lookAtUnbound();
      this.#banGivenUp();
      if (this.#ticks % gossipEveryTicks === gossipEveryTicks - 1) this.#endSilent();
      if (this.#ticks % dialEveryTicks === 0) await this.#dialMissing();
      await bindings.tick();
    } catch (cause) {
      log.error("looking after connections failed", { cause: String(cause) });
    }
    this.#ticks += 1;
  }

  /** Whoever does not say for which account it speaks takes a place and gives nothing. */
  #lookAtUnbound(): void {
    const { host, bindings, standing, log } = this.#parts;
    for (const connection of host.getConnections()) {
      const peer = connection.remotePeer.toString();
      const age = Date.now() - connection.timeline.open;
      // A relayed connection may carry too little for a binding, and is there to be replaced by a direct one.
      if (connection.limits !== undefined || bindings.boundAccount(peer) !== undefined) continue;
      if (age < bindWithinMs) {
        if (age > askAfterMs && connection.direction === "outbound") void bindings.open(connection);
        continue;
      }
      log.info("a peer did not say for which account it speaks; disconnected", { peer });
      standing.report(peer, "no-binding");
      connection.abort(new Error("no binding"));
    }
  }

  /** A peer below the graylist is not listened to any more: then its place is better given to another. */
  #banGivenUp(): void {
    const { host, standing } = this.#parts;
    const { gossip } = host.services;
    for (const peer of gossip.getPeers()) {
      const score = scoreOf(gossip, peer.toString());
      if (score > scoreThresholds.graylistThreshold || standing.isBanned(peer.toString())) continue;
      standing.report(peer.toString(), "gossip-score", `gossip score ${Math.round(score)}`);
    }
  }

  /** A peer that lost its gossip stream stays connected and silent: dial it again (docs/NETWORK.md). */
  #endSilent(): void {
    const { host, log } = this.#parts;
    const gossiping = new Set(host.services.gossip.getPeers().map(String));
    for (const connection of host.getConnections()) {
      const peer = connection.remotePeer.toString();
      if (gossiping.has(peer) || connection.limits !== undefined) this.#silent.delete(peer);
      else if (this.#silent.delete(peer)) {
        log.info("a connected peer takes no part in gossip; connecting again", { peer });
        void this.#again(connection);
      } else this.#silent.add(peer);
    }
  }

  async #again(connection: Connection): Promise<void> {
    await connection.close().catch(() => connection.abort(new Error("gossip lost")));
    if (connection.direction === "outbound") await this.#dial(connection.remotePeer);
  }

  async #dialMissing(): Promise<void> {
    const { host, bootstrap, reserved } = this.#parts;
    const missing = (peer: PeerId): boolean =>
      !peer.equals(host.peerId) && host.getConnections(peer).length === 0 && !this.#stopped.signal.aborted;
    const named = bootstrap.filter((address) => missing(peerIdFromString(address.split("/p2p/").at(-1) as string)));
    await Promise.all(named.map((address) => this.#dial(multiaddr(address))));
    await Promise.all(
      reserved()
        .filter(missing)
        .map((peer) => this.#dial(peer)),
    );
    if (host.getConnections().length >= connectionsWanted) return;
    const known = await host.peerStore.all({ limit: 64 });
    const tried = known.filter(({ id, addresses }) => addresses.length > 0 && missing(id));
    const from = (this.#ticks / dialEveryTicks) * knownTriedAtOnce;
    const turn = Array.from({ length: Math.min(knownTriedAtOnce, tried.length) }, (_, i) => (from + i) % tried.length);
    await Promise.all(turn.map((index) => this.#dial((tried[index] as (typeof tried)[number]).id)));
  }

  async #dial(target: Parameters<Host["dial"]>[0]): Promise<void> {
    const { host, log } = this.#parts;
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(dialMs)]);
    await host
      .dial(target, { signal })
      .catch((cause: unknown) => log.debug("a peer does not answer", { peer: String(target), cause: String(cause) }));
  }
}
