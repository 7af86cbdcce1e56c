// Finding who serves what (D-3). What is found is a hint: the record behind it is checked by whoever asked.
import type { AccountId, AssetId, AssetKind, Cell } from "../primitives/index.ts";

export interface AssetQuery {
  readonly kind: AssetKind;
  /** Any resolution from 0 to 7; everything within the cell is meant. */
  readonly cell: Cell;
  /** After the cell itself, look in the cells around it up to this resolution; absent: only within the cell. */
  readonly widenTo?: number;
}

export interface Discovery {
  /** Announces, and keeps announcing until withdrawn, that this node serves an asset. */
  provide(asset: { readonly id: AssetId; readonly kind: AssetKind; readonly cell: Cell }): Promise<void>;
  withdraw(asset: AssetId): Promise<void>;
  /** Accounts said to serve a kind near a place, nearest cell first, each once. */
  find(query: AssetQuery, signal: AbortSignal): AsyncIterable<AccountId>;
  /** Accounts said to serve one asset. */
  findAsset(asset: AssetId, signal: AbortSignal): AsyncIterable<AccountId>;
}
