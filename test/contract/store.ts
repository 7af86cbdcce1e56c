// What every Store must do. Called with a way to open a fresh store and to open the same one again after it was closed.
import * as fc from "fast-check";
import type { test as uvuTest } from "uvu";
import * as assert from "uvu/assert";
import type { Store } from "../../src/ports/index.ts";
import { type Bytes, compareBytes, FairmeshError, toHex, utf8ToBytes } from "../../src/primitives/index.ts";

export interface StoreFactory {
  /** A store with nothing in it, under a name that `reopen` knows. */
  open(name: string): Promise<Store>;
  /** The store of that name as it was when it was closed. */
  reopen(name: string): Promise<Store>;
}

const key = utf8ToBytes;
const sync = { sync: true };

async function all(pairs: AsyncIterable<[Bytes, Bytes]>): Promise<string[]> {
  const out: string[] = [];
  for await (const [name, value] of pairs) out.push(`${toHex(name)}=${toHex(value)}`);
  return out;
}

async function code(work: () => unknown): Promise<string> {
  try {
    await work();
    return "none";
  } catch (error) {
    return error instanceof FairmeshError ? error.code : `unexpected ${String(error)}`;
  }
}

export function storeContract(test: typeof uvuTest, name: string, make: StoreFactory): void {
  let count = 0;
  const fresh = (): string => `${name.replaceAll(/\W/g, "-")}-${++count}`;

  test(`${name}: gives back what was written, per space, and undefined for the rest`, async () => {
    const store = await make.open(fresh());
    await store.batch([{ space: "one", key: key("k"), value: Uint8Array.of(1, 2) }], sync);
    assert.equal(store.get("one", key("k")), Uint8Array.of(1, 2));
    assert.is(store.get("two", key("k")), undefined);
    assert.is(store.get("one", key("kk")), undefined);
    await store.batch([{ space: "one", key: key("k"), value: new Uint8Array() }], { sync: false });
    assert.equal(store.get("one", key("k")), new Uint8Array());
    await store.batch([{ space: "one", key: key("k") }], sync);
    assert.is(store.get("one", key("k")), undefined);
    await store.close();
  });

  test(`${name}: keeps its own copy of keys and values`, async () => {
    const store = await make.open(fresh());
    const [k, value] = [key("k"), Uint8Array.of(1)];
    const written = store.batch([{ space: "s", key: k, value }], sync);
    value[0] = 9;
    k[0] = 0;
    await written;
    assert.equal(store.get("s", key("k")), Uint8Array.of(1));
    (store.get("s", key("k")) as Bytes)[0] = 7;
    assert.equal(store.get("s", key("k")), Uint8Array.of(1));
    await store.close();
  });

  test(`${name}: applies batches in the order given, the last of two for a key winning`, async () => {
    const store = await make.open(fresh());
    const writes = Array.from({ length: 50 }, (_, index) =>
      store.batch([{ space: "s", key: key("k"), value: Uint8Array.of(index) }], { sync: index % 7 === 0 }),
    );
    await Promise.all(writes);
    assert.equal(store.get("s", key("k")), Uint8Array.of(49));
    const both = [
      { space: "s", key: key("k"), value: Uint8Array.of(1) },
      { space: "s", key: key("k") },
    ];
    await store.batch(both, sync);
    assert.is(store.get("s", key("k")), undefined);
    await store.close();
  });

  test(`${name}: ranges are half-open, ordered, limited, and stay in their space`, async () => {
    const store = await make.open(fresh());
    const value = Uint8Array.of(1);
    const keys = [[], [0], [0, 0], [1], [1, 255], [2], [255, 255]].map((bytes) => Uint8Array.from(bytes));
    await store.batch(
      keys.flatMap((k) => ["a", "ab", "b"].map((space) => ({ space, key: k, value }))),
      sync,
    );
    const names = async (from: number[], to: number[], max = 100) =>
      (await all(store.range("a", Uint8Array.from(from), Uint8Array.from(to), max))).map((pair) => pair.split("=")[0]);
    assert.equal(await names([], [255, 255, 255]), ["", "00", "0000", "01", "01ff", "02", "ffff"]);
    assert.equal(await names([0, 0], [2]), ["0000", "01", "01ff"]);
    assert.equal(await names([], [255, 255, 255], 2), ["", "00"]);
    assert.equal(await names([3], [3]), []);
    await store.close();
  });

  test(`${name}: what was written with sync is there when opened again`, async () => {
    const at = fresh();
    const store = await make.open(at);
    await store.batch([{ space: "s", key: key("kept"), value: Uint8Array.of(1) }], sync);
    await store.batch([{ space: "s", key: key("later"), value: Uint8Array.of(2) }], { sync: false });
    await store.close();
    assert.is(await code(() => store.get("s", key("kept"))), "STORE_CLOSED");
    assert.is(await code(() => store.batch([], sync)), "STORE_CLOSED");
    const again = await make.reopen(at);
    assert.equal(again.get("s", key("kept")), Uint8Array.of(1));
    assert.equal(again.get("s", key("later")), Uint8Array.of(2));
    await again.close();
  });

  test(`${name}: behaves as a sorted map does`, async () => {
    const bytes = fc.uint8Array({ maxLength: 3, max: 3 });
    const write = fc.record({ key: bytes, value: fc.option(fc.uint8Array({ maxLength: 8 }), { nil: undefined }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(write, { maxLength: 6 }), { maxLength: 6 }),
        bytes,
        bytes,
        async (batches, from, to) => {
          const store = await make.open(fresh());
          const model = new Map<string, { key: Bytes; value: Bytes }>();
          for (const batch of batches) {
            await store.batch(
              batch.map(({ key: k, value }) =>
                value === undefined ? { space: "s", key: k } : { space: "s", key: k, value },
              ),
              { sync: false },
            );
            for (const { key: k, value } of batch) {
              if (value === undefined) model.delete(toHex(k));
              else model.set(toHex(k), { key: k, value });
            }
          }
          const expected = [...model.values()]
            .filter((entry) => compareBytes(entry.key, from) >= 0 && compareBytes(entry.key, to) < 0)
            .sort((a, b) => compareBytes(a.key, b.key))
            .map((entry) => `${toHex(entry.key)}=${toHex(entry.value)}`);
          const found = await all(store.range("s", from, to, 1000));
          await store.close();
          assert.equal(found, expected);
        },
      ),
      { numRuns: Number(process.env.FAIRMESH_FUZZ_RUNS ?? 15) },
    );
  });
}
