// What this node holds against peers for what they do outside gossip, and who is banned. Offences add up and fade, by half
// every ten minutes; at `banAt` a peer is banned for an hour, with the reason, over restarts too. The sum is also part of a
// peer's gossip score. Told by every file of this folder that meets a fault; kept by network.ts.
import type { Log } from "../ports/index.ts";

/** What each offence weighs; 100 bans. An honest peer may do now and then what weighs little. */
const offences = {
  /** A binding whose signature, key or peer is wrong (I-3): no accident. */
  "false-binding": 100,
  /** A binding that ran out or was replaced: a node with a wrong clock does that. */
  "stale-binding": 10,
  /** Connected, and did not say for which account. */
  "no-binding": 10,
  "oversized-frame": 34,
  "too-many-requests": 2,
  /** Provider records beyond its share. */
  "too-many-records": 10,
  /** An answer was asked for and not read. */
  stalled: 5,
  /** An answer that had not ended when its time was over. */
  "slow-answer": 5,
  /** Gossip at a rate that no network of ours has. */
  "gossip-flood": 1,
  /** Below the graylist of gossip: messages that were rejected, or protocol abuse. */
  "gossip-score": 100,
  /** Answers that do not hold: wrong blocks, wrong certificates, a wrong record. */
  "false-answer": 34,
} as const;
export type Offence = keyof typeof offences;

export interface Ban {
  readonly peer: string;
  readonly reason: string;
  /** Milliseconds since 1970; it ends by itself. */
  readonly untilMs: number;
}

export interface StandingParts {
  readonly log: Log;
  readonly nowMs: () => number;
  /** Called when a peer becomes banned: its connections are to be closed. */
  readonly onBan: (peer: string) => void;
  /** Writes the list of bans down, as it is now. */
  readonly save: (bans: readonly Ban[]) => void;
}

const banAt = 100;
const banMs = 3_600_000;
const halfLifeMs = 600_000;
const peersMax = 10_000;
export const bansMax = 1_000;

interface Record {
  readonly sum: number;
  readonly atMs: number;
}

export class Standing {
  readonly #parts: StandingParts;
  readonly #records = new Map<string, Record>();
  readonly #bans = new Map<string, Ban>();

  constructor(parts: StandingParts, bans: readonly Ban[] = []) {
    this.#parts = parts;
    for (const ban of bans) if (ban.untilMs > parts.nowMs()) this.#bans.set(ban.peer, ban);
  }

  report(peer: string, offence: Offence, detail?: string): void {
    const { log } = this.#parts;
    const sum = this.#sum(peer) + offences[offence];
    this.#records.delete(peer);
    this.#records.set(peer, { sum, atMs: this.#parts.nowMs() });
    if (this.#records.size > peersMax) this.#records.delete(this.#records.keys().next().value as string);
    log.debug("an offence", { peer, offence, detail, sum: Math.round(sum) });
    if (sum >= banAt && !this.isBanned(peer)) this.ban(peer, detail === undefined ? offence : `${offence}: ${detail}`);
  }

  /** Zero or less, for the gossip score. */
  score(peer: string): number {
    return -Math.min(banAt, this.#sum(peer));
  }

  isBanned(peer: string): boolean {
    const ban = this.#bans.get(peer);
    if (ban === undefined) return false;
    if (ban.untilMs > this.#parts.nowMs()) return true;
    this.#bans.delete(peer);
    this.#records.delete(peer);
    return false;
  }

  ban(peer: string, reason: string, forMs = banMs): void {
    const ban: Ban = { peer, reason, untilMs: this.#parts.nowMs() + forMs };
    this.#bans.delete(peer);
    this.#bans.set(peer, ban);
    if (this.#bans.size > bansMax) this.#bans.delete(this.#bans.keys().next().value as string);
    this.#parts.log.warn("a peer is banned", { peer, reason, until: new Date(ban.untilMs).toISOString() });
    this.#parts.save(this.bans());
    this.#parts.onBan(peer);
  }

  unban(peer: string): void {
    this.#bans.delete(peer);
    this.#records.delete(peer);
    this.#parts.save(this.bans());
  }

  bans(): readonly Ban[] {
    return [...this.#bans.values()].filter(({ untilMs }) => untilMs > this.#parts.nowMs());
  }

  #sum(peer: string): number {
    const record = this.#records.get(peer);
    return record === undefined ? 0 : record.sum * 0.5 ** ((this.#parts.nowMs() - record.atMs) / halfLifeMs);
  }
}
