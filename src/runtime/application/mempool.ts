// Transactions that wait for a block: verified once when they come, ordered by nonce within an account and by fee between
// accounts. Bounded by count, by bytes and by account; when full, the one that pays least for its bytes goes. Volatile: what
// is lost in a restart is sent again by whoever wants it.
import { feeOf, type SizedTransaction } from "../../ledger/index.ts";
import { type Bytes, keyOf } from "../../primitives/index.ts";
import type { Parameters } from "../../schema/index.ts";

export const mempoolLimits = { countMax: 10_000, bytesMax: 64 << 20, perAccountMax: 64 } as const;
/** A replacement pays at least this much more in tip, so that replacing is never free. */
const replacementTipMin = 1000n;

export interface PooledTransaction extends SizedTransaction {
  readonly id: string;
  readonly bytes: Bytes;
  /** Keys by which its signatures were verified: they are verified again when these change. */
  readonly keys: string;
}

export type PoolRefusal = "already-known" | "replacement-underpriced" | "account-queue-full" | "pool-full";

const better = (a: PooledTransaction, b: PooledTransaction): boolean =>
  a.transaction.tip * BigInt(b.size) > b.transaction.tip * BigInt(a.size);

export class Mempool {
  readonly #accounts = new Map<string, Map<number, PooledTransaction>>();
  readonly #byId = new Map<string, PooledTransaction>();
  #bytes = 0;
  readonly #limits: { readonly countMax: number; readonly bytesMax: number; readonly perAccountMax: number };

  constructor(limits: Partial<typeof mempoolLimits> = {}) {
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

  /** Takes a verified transaction, or says why not. */
  add(entry: PooledTransaction): PoolRefusal | undefined {
    if (this.#byId.has(entry.id)) return "already-known";
    const { sender, nonce, tip } = entry.transaction;
    const queue = this.#accounts.get(keyOf(sender)) ?? new Map<number, PooledTransaction>();
    const before = queue.get(nonce);
    if (before !== undefined && tip < before.transaction.tip + replacementTipMin) return "replacement-underpriced";
    if (before === undefined && queue.size >= this.#limits.perAccountMax) return "account-queue-full";
    if (before !== undefined) this.#remove(before);
    if (!this.#makeRoom(entry)) {
      if (before !== undefined) this.#put(before);
      return "pool-full";
    }
    this.#put(entry);
    return undefined;
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

  /** Lets the last transactions of the accounts that pay least go, as long as they pay less than `entry`. */
  #makeRoom(entry: PooledTransaction): boolean {
    while (this.#byId.size >= this.#limits.countMax || this.#bytes + entry.bytes.length > this.#limits.bytesMax) {
      let worst: PooledTransaction | undefined;
      for (const queue of this.#accounts.values()) {
        const last = queue.get(Math.max(...queue.keys())) as PooledTransaction;
        if (worst === undefined || better(worst, last)) worst = last;
      }
      if (worst === undefined || !better(entry, worst)) return false;
      this.#remove(worst);
    }
    return true;
  }

  /** Forgets what a final block holds, what is below its account's nonce, and what has expired at `height`. */
  prune(height: number, nonceOf: (account: Bytes) => number): void {
    for (const entry of Array.from(this.#byId.values())) {
      const { sender, nonce, expiresHeight } = entry.transaction;
      if (expiresHeight < height || nonce < nonceOf(sender)) this.#remove(entry);
    }
  }

  drop(entry: PooledTransaction): void {
    this.#remove(entry);
  }

  /** Candidates for a block: by what they pay for their bytes, each account's in the order of its nonces. */
  *candidates(nonceOf: (account: Bytes) => number): Generator<PooledTransaction> {
    const heads: PooledTransaction[] = [];
    const push = (entry: PooledTransaction | undefined): void => {
      if (entry === undefined) return;
      let at = heads.length;
      while (at > 0 && better(entry, heads[at - 1] as PooledTransaction)) at--;
      heads.splice(at, 0, entry);
    };
    for (const queue of this.#accounts.values()) {
      const { sender } = (queue.values().next().value as PooledTransaction).transaction;
      push(queue.get(nonceOf(sender)));
    }
    while (heads.length > 0) {
      const entry = heads.shift() as PooledTransaction;
      yield entry;
      push(this.#accounts.get(keyOf(entry.transaction.sender))?.get(entry.transaction.nonce + 1));
    }
  }
}

/** What a transaction costs its sender at least (L-8). */
export const costOf = (entry: SizedTransaction, p: Parameters): bigint => feeOf(entry.size, p) + entry.transaction.tip;
