// The Store's in-memory twin: ordered, copying, all or nothing. For tests and for the simulator's own disks to build on.
import type { Store, StoreOperation } from "../../src/ports/index.ts";
import { type Bytes, compareBytes, FairmeshError, fromHex, keyOf } from "../../src/primitives/index.ts";

/** A Store that lives as long as `spaces` does: opening again with the same one gives what was written. */
export function createMemoryStore(spaces: Map<string, Map<string, Bytes>> = new Map()): Store {
  let closed = false;
  const check = (): void => {
    if (closed) throw new FairmeshError("STORE_CLOSED", "the store is closed");
  };
  const apply = ({ space, key, value }: StoreOperation): void => {
    const values = spaces.get(space) ?? new Map<string, Bytes>();
    spaces.set(space, values);
    if (value === undefined) values.delete(keyOf(key));
    else values.set(keyOf(key), value);
  };
  return {
    get(space, key) {
      check();
      return spaces.get(space)?.get(keyOf(key))?.slice();
    },
    async batch(operations) {
      check();
      const copies = operations.map(({ space, key, value }) =>
        value === undefined ? { space, key: key.slice() } : { space, key: key.slice(), value: value.slice() },
      );
      for (const operation of copies) apply(operation);
    },
    async *range(space, from, to, max) {
      check();
      const pairs = [...(spaces.get(space) ?? new Map<string, Bytes>())]
        .map(([key, value]): [Bytes, Bytes] => [fromHex(key), value.slice()])
        .filter(([key]) => compareBytes(key, from) >= 0 && compareBytes(key, to) < 0)
        .sort(([a], [b]) => compareBytes(a, b))
        .slice(0, max);
      yield* pairs;
    },
    async close() {
      closed = true;
    },
  };
}
