// Transactions that wait for a block: verified once when they come, ordered by nonce within an account and by fee between
// accounts. Bounded by count, by bytes and by account; when full, the one that pays least for its bytes goes. Volatile: what
// is lost in a restart is sent again by whoever wants it.
import type { SizedTransaction } from "../../ledger/index.ts";
import { type Bytes, keyOf, maxBigint } from "../../primitives/index.ts";

export interface MempoolLimits {
  readonly countMax: number;
  readonly bytesMax: number;
  readonly perAccountMax: number;
}
export const mempoolLimits: MempoolLimits = { countMax: 10_000, bytesMax: 64 << 20, perAccountMax: 64 };
/** A replacement pays at least this much more in tip, and an eighth: replacing is never free, nor cheap again and again. */
const replacementTipMin = 1000n;
export const replacementTip = (held: bigint): bigint => held + maxBigint(replacementTipMin, held / 8n);

export interface PooledTransaction extends SizedTransaction {
  readonly id: string;
  readonly bytes: Bytes;
  /** Keys by which its signatures were verified: they are verified again when these change. */
  readonly keys: string;
  /** The next block could take it when it came. Of others nobody knows whether they will ever pay what they promise. */
  readonly tried: boolean;
}

export type PoolRefusal = "already-known" | "replacement-underpriced" | "account-queue-full" | "pool-full";

/** Those that were tried come before all others; then what they pay for the bytes that they take in a block, witness and all. */
const better = (a: PooledTransaction, b: PooledTransaction): boolean =>
  a.tried === b.tried
    ? a.transaction.tip * BigInt(b.bytes.length) > b.transaction.tip * BigInt(a.bytes.length)
    : a.tried;

export class Mempool {
  readonly #accounts = new Map<string, Map<number, PooledTransaction>>();
  readonly #byId = new Map<string, PooledTransaction>();
  #bytes = 0;
  readonly #limits: MempoolLimits;

  constructor(limits: Partial<MempoolLimits> = {}) {
    this.#limits = { ...mempoolLimits, ...limits };
  }

  get size(): number {
    return this.#byId.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  get(id: string): PooledTransaction | undefined {
    return this.#byId.get(id);
  }

  /** The key that an account shows in a waiting first transaction. */
  shownKey(account: Bytes): Bytes | undefined {
    for (const entry of this.#accounts.get(keyOf(account))?.values() ?? []) {
      if (entry.witness.publicKey[0] !== undefined) return entry.witness.publicKey[0];
    }
    return undefined;
  }

  /** The nonce after those that wait without a gap from `nonce` on. */
  nextNonce(account: Bytes, nonce: number): number {
    const queue = this.#accounts.get(keyOf(account));
    let next = nonce;
    while (queue?.has(next)) next++;
    return next;
  }

  /** An account's waiting transactions with nonces from `from` up to and without `to`; undefined when one is missing. */
  waiting(account: Bytes, from: number, to: number): readonly PooledTransaction[] | undefined {
    const queue = this.#accounts.get(keyOf(account));
    const found: PooledTransaction[] = [];
    for (let nonce = from; nonce < to; nonce++) {
      const entry = queue?.get(nonce);
      if (entry === undefined) return undefined;
      found.push(entry);
    }
    return found;
  }

  /** Takes a verified transaction, or says why not. */
  add(entry: PooledTransaction): PoolRefusal | undefined {
    if (this.#byId.has(entry.id)) return "already-known";
    const { sender, nonce, tip } = entry.transaction;
    const queue = this.#accounts.get(keyOf(sender)) ?? new Map<number, PooledTransaction>();
    const before = queue.get(nonce);
    if (before !== undefined && tip < replacementTip(before.transaction.tip)) return "replacement-underpriced";
    if (before === undefined && queue.size >= this.#limits.perAccountMax) return "account-queue-full";
    if (before !== undefined) this.#remove(before);
    if (!this.#makeRoom(entry)) {
      if (before !== undefined) this.#put(before);
      return "pool-full";
    }
    this.#put(entry);
    return undefined;
  }

  /** A block could not take it after all: it counts as one that was not tried. */
  doubt(id: string): void {
    const entry = this.#byId.get(id);
    if (entry?.tried !== true) return;
    this.#remove(entry);
    this.#put({ ...entry, tried: false });
  }

  #put(entry: PooledTransaction): void {
    const key = keyOf(entry.transaction.sender);
    const queue = this.#accounts.get(key) ?? new Map<number, PooledTransaction>();
    this.#accounts.set(key, queue);
    queue.set(entry.transaction.nonce, entry);
    this.#byId.set(entry.id, entry);
    this.#bytes += entry.bytes.length;
  }

  #remove(entry: PooledTransaction): void {
    const key = keyOf(entry.transaction.sender);
    const queue = this.#accounts.get(key);
    queue?.delete(entry.transaction.nonce);
    if (queue?.size === 0) this.#accounts.delete(key);
    if (this.#byId.delete(entry.id)) this.#bytes -= entry.bytes.length;
  }

  /**
   * Lets the last transactions of the accounts that pay least go, as long as they pay less than `entry` and until it fits;
   * when that is not enough, nobody goes. The sender's own wait before it and stay.
   */
  #makeRoom(entry: PooledTransaction): boolean {
    const { countMax, bytesMax } = this.#limits;
    let count = this.#byId.size + 1 - countMax;
    let bytes = this.#bytes + entry.bytes.length - bytesMax;
    if (count <= 0 && bytes <= 0) return true;
    const goes = new Set<PooledTransaction>();
    while (count > 0 || bytes > 0) {
      const worst = this.#cheapestLast(keyOf(entry.transaction.sender), goes);
      if (worst === undefined || !better(entry, worst)) return false;
      goes.add(worst);
      count--;
      bytes -= worst.bytes.length;
    }
    for (const one of goes) this.#remove(one);
    return true;
  }

  /** The one that pays least among the last transactions of accounts, without `own` and those that go already. */
  #cheapestLast(own: string, goes: ReadonlySet<PooledTransaction>): PooledTransaction | undefined {
    let worst: PooledTransaction | undefined;
    for (const [account, queue] of this.#accounts) {
      if (account === own) continue;
      let last: PooledTransaction | undefined;
      for (const [nonce, waiting] of queue) {
        if (!goes.has(waiting) && (last === undefined || nonce > last.transaction.nonce)) last = waiting;
      }
      if (last !== undefined && (worst === undefined || better(worst, last))) worst = last;
    }
    return worst;
  }

  /** Forgets what a final block holds, what is below its account's nonce, and what has expired at `height`. */
  prune(height: number, nonceOf: (account: Bytes) => number): void {
    for (const entry of Array.from(this.#byId.values())) {
      const { sender, nonce, expiresHeight } = entry.transaction;
      if (expiresHeight < height || nonce < nonceOf(sender)) this.#remove(entry);
    }
  }

  /**
   * Candidates for a block: by what they pay for their bytes, each account's in the order of its nonces. Of an account that the
   * caller puts into `stuck` no more comes.
   */
  *candidates(nonceOf: (account: Bytes) => number, stuck: ReadonlySet<string>): Generator<PooledTransaction> {
    const heads: PooledTransaction[] = [];
    for (const queue of this.#accounts.values()) {
      const { sender } = (queue.values().next().value as PooledTransaction).transaction;
      const head = queue.get(nonceOf(sender));
      if (head !== undefined) heads.push(head);
    }
    // The best one stands last.
    heads.sort((a, b) => (better(a, b) ? 1 : better(b, a) ? -1 : 0));
    for (let entry = heads.pop(); entry !== undefined; entry = heads.pop()) {
      yield entry;
      const account = keyOf(entry.transaction.sender);
      const next = this.#accounts.get(account)?.get(entry.transaction.nonce + 1);
      if (next === undefined || stuck.has(account)) continue;
      let low = 0;
      let high = heads.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (better(heads[middle] as PooledTransaction, next)) high = middle;
        else low = middle + 1;
      }
      heads.splice(low, 0, next);
    }
  }
}
