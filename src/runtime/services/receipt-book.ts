// Receipts (P-4) on disk, countersigned: the newest of each pair of requester and provider for an asset, and of each epoch
// what a claim will be made of. Written before anything is said about them. Spaces `receipts` and `receipts-epoch`.
import type { Store } from "../../ports/index.ts";
import {
  type AccountId,
  type AssetId,
  type Bytes,
  bigEndian,
  compareBytes,
  concatBytes,
  invariant,
} from "../../primitives/index.ts";
import { type CountersignedReceipt, countersignedReceiptCodec, type Receipt } from "../../schema/index.ts";

const newest = "receipts";
const byEpoch = "receipts-epoch";
/** Requesters of an asset whose receipts a claim takes: parts of a claim times receipts of a part. */
export const requestersMax = 1024;
/** Receipts of an asset and epoch that are looked through, and those that are forgotten at once. */
const walkedMax = 100_000;

const pairKey = (receipt: Pick<Receipt, "assetId" | "requester" | "provider">): Bytes =>
  concatBytes(receipt.assetId, receipt.requester, receipt.provider);
const epochKey = (receipt: Receipt): Bytes =>
  concatBytes(bigEndian(receipt.epoch), receipt.assetId, receipt.requester, receipt.provider);

/** Those for most units, as many as a claim takes; of equal ones the first. */
const largest = (receipts: readonly CountersignedReceipt[]): CountersignedReceipt[] =>
  receipts
    .toSorted((a, b) => (a.receipt.units > b.receipt.units ? -1 : a.receipt.units < b.receipt.units ? 1 : 0))
    .slice(0, requestersMax);

function read(bytes: Bytes): CountersignedReceipt {
  const decoded = countersignedReceiptCodec.decode(bytes);
  invariant(decoded.ok, "a stored receipt is what was stored");
  return decoded.value;
}

export class ReceiptBook {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  latest(pair: Pick<Receipt, "assetId" | "requester" | "provider">): CountersignedReceipt | undefined {
    const bytes = this.#store.get(newest, pairKey(pair));
    return bytes === undefined ? undefined : read(bytes);
  }

  async add(receipt: CountersignedReceipt): Promise<void> {
    const value = countersignedReceiptCodec.encode(receipt);
    const operations = [
      { space: newest, key: pairKey(receipt.receipt), value },
      { space: byEpoch, key: epochKey(receipt.receipt), value },
    ];
    await this.#store.batch(operations, { sync: true });
  }

  /**
   * The newest receipt of each requester of an asset in an epoch, by requester, as `provider` got them. Of too many, those for
   * most units: tenants of next to nothing crowd nobody out.
   */
  async ofEpoch(epoch: number, assetId: AssetId, provider: AccountId): Promise<readonly CountersignedReceipt[]> {
    const from = concatBytes(bigEndian(epoch), assetId);
    let found: CountersignedReceipt[] = [];
    const to = concatBytes(from, new Uint8Array(65).fill(255));
    for await (const [key, bytes] of this.#store.range(byEpoch, from, to, walkedMax)) {
      if (!key.subarray(-32).every((byte, i) => byte === provider[i])) continue;
      found.push(read(bytes));
      if (found.length >= 2 * requestersMax) found = largest(found);
    }
    return largest(found).sort((a, b) => compareBytes(a.receipt.requester, b.receipt.requester));
  }

  /** Forgets what was for claims of epochs before; the newest of each pair stays. */
  async prune(beforeEpoch: number): Promise<void> {
    const keys: Bytes[] = [];
    for await (const [key] of this.#store.range(byEpoch, bigEndian(0), bigEndian(beforeEpoch), walkedMax))
      keys.push(key);
    if (keys.length === 0) return;
    await this.#store.batch(
      keys.map((key) => ({ space: byEpoch, key })),
      { sync: false },
    );
  }
}
