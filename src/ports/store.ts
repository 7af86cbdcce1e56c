// Durable key-value storage, ordered by key within a space. A value read is the value written, or the read fails:
// implementations keep a checksum with each value and throw FairmeshError `STORE_DAMAGED` when it is wrong.
import type { Bytes } from "../primitives/index.ts";

export interface StoreOperation {
  readonly space: string;
  readonly key: Bytes;
  /** Absent: the key is deleted. */
  readonly value?: Bytes;
}

export interface Store {
  get(space: string, key: Bytes): Bytes | undefined;
  /** All or nothing. With `sync`, it is on the disk when the promise settles. */
  batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void>;
  /** Pairs with `from <= key < to` in order, at most `max`. */
  range(space: string, from: Bytes, to: Bytes, max: number): AsyncIterable<[Bytes, Bytes]>;
  close(): Promise<void>;
}
