// What validation needs to know of the ledger: answered at once, from memory or a database read of microseconds.
import type { AccountId, AssetId, Bytes, NetworkId } from "../primitives/index.ts";
import type { Asset } from "../schema/index.ts";

export interface NetworkView {
  readonly networkId: NetworkId;
  epoch(): number;
  /**
   * The key that an account signs with in an epoch, now when none is named; undefined for an account that this node does not
   * know (I-4).
   */
  publicKey(account: AccountId, epoch?: number): Bytes | undefined;
  /**
   * Whether an honest peer can go by another key of an account: it was rotated, and who is some blocks or epochs behind has not
   * seen it, or this node itself is (I-7). Then a signature that does not verify says nothing of whoever brings it.
   */
  mayHaveOtherKey(account: AccountId): boolean;
  asset(id: AssetId): Asset | undefined;
}
