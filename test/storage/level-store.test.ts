// LevelDB and its twin against the Store's contract; then each damage that LevelDB opens without an error.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Bytes, bigEndian, FairmeshError } from "../../src/primitives/index.ts";
import { openLevelStore, sentinelPath } from "../../src/storage/index.ts";
import { storeContract } from "../contract/store.ts";
import { createMemoryStore } from "../support/memory-store.ts";

const folder = mkdtempSync(join(tmpdir(), "fairmesh-store-"));
test.after(() => rmSync(folder, { recursive: true }));

const memory = new Map<string, Map<string, Map<string, Bytes>>>();
const memoryStore = async (name: string) => {
  memory.set(name, memory.get(name) ?? new Map());
  return createMemoryStore(memory.get(name));
};
storeContract(test, "in memory", { open: memoryStore, reopen: memoryStore });
storeContract(test, "LevelDB", {
  open: (name) => openLevelStore(join(folder, name)),
  reopen: (name) => openLevelStore(join(folder, name)),
});

const code = async (work: () => unknown): Promise<string> => {
  try {
    await work();
    return "none";
  } catch (error) {
    return error instanceof FairmeshError ? error.code : `unexpected ${String(error)}`;
  }
};

let count = 0;
/** A closed database with 400 values of 1 KiB, compacted into tables when asked. */
async function filled(): Promise<string> {
  const path = join(folder, `damage-${++count}`);
  const store = await openLevelStore(path);
  for (let index = 0; index < 400; index++) {
    await store.batch([{ space: "s", key: bigEndian(index), value: new Uint8Array(1024).fill(index) }], {
      sync: false,
    });
  }
  await store.close();
  return path;
}
const fileOf = (path: string, pattern: RegExp): string =>
  join(
    path,
    readdirSync(path)
      .filter((name) => pattern.test(name))
      .sort()
      .at(-1) as string,
  );

test("a second opening is refused with a sentence about the other process", async () => {
  const path = await filled();
  const store = await openLevelStore(path);
  assert.is(await code(() => openLevelStore(path)), "STORE_LOCKED");
  await store.close();
  assert.is(await code(async () => (await openLevelStore(path)).close()), "none");
});

test("a cut MANIFEST, which LevelDB opens as empty, is fatal", async () => {
  const path = await filled();
  const manifest = fileOf(path, /^MANIFEST/);
  for (const length of [0, 10, 40]) {
    const copy = `${path}-${length}`;
    cpSync(path, copy, { recursive: true });
    cpSync(sentinelPath(path), sentinelPath(copy));
    truncateSync(join(copy, manifest.slice(path.length + 1)), length);
    assert.is(await code(() => openLevelStore(copy)), "STORE_DAMAGED", `cut to ${length}`);
  }
});

test("a database that is gone, emptied or another's is fatal while its sentinel stands", async () => {
  const gone = await filled();
  rmSync(gone, { recursive: true });
  assert.is(await code(() => openLevelStore(gone)), "STORE_DAMAGED");
  const [one, other] = [await filled(), await filled()];
  cpSync(sentinelPath(one), sentinelPath(other));
  assert.is(await code(() => openLevelStore(other)), "STORE_DAMAGED");
});

test("a database rolled back behind its last clean close is fatal", async () => {
  const path = await filled();
  const old = `${path}-old`;
  cpSync(path, old, { recursive: true });
  const store = await openLevelStore(path);
  await store.batch([{ space: "s", key: bigEndian(1), value: Uint8Array.of(1) }], { sync: true });
  await store.close();
  rmSync(path, { recursive: true });
  cpSync(old, path, { recursive: true });
  assert.is(await code(() => openLevelStore(path)), "STORE_DAMAGED");
});

test("a flipped bit in the log, which LevelDB opens with entries gone, is fatal; a torn tail is not", async () => {
  const path = await filled();
  const log = fileOf(path, /\.log$/);
  const bytes = readFileSync(log);
  assert.ok(bytes.length > 200_000, "the values are still in the log");
  for (const at of [0, 5, 6, 100, 33_000, 100_000, bytes.length - 2000]) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] as number) ^ 1;
    writeFileSync(log, damaged);
    assert.is(await code(async () => (await openLevelStore(path)).close()), "STORE_DAMAGED", `byte ${at}`);
  }
  // Without a clean close the sentinel does not know how far the database had come: a crash may cut the last record.
  writeFileSync(log, bytes.subarray(0, bytes.length - 2000));
  writeFileSync(sentinelPath(path), readFileSync(sentinelPath(path), "utf8").replace(/\d+\n/, "0\n"));
  assert.is(await code(async () => (await openLevelStore(path)).close()), "none");
});

test("a missing sentinel is written again from the database; a changed one is fatal", async () => {
  const path = await filled();
  rmSync(sentinelPath(path));
  assert.is(await code(async () => (await openLevelStore(path)).close()), "none");
  assert.match(readFileSync(sentinelPath(path), "utf8"), /^fairmesh database [0-9a-f]{32} \d+\n$/);
  writeFileSync(sentinelPath(path), "something else\n");
  assert.is(await code(() => openLevelStore(path)), "STORE_DAMAGED");
});

test("flipped bits in tables never give a wrong value: every read is right, missing or STORE_DAMAGED", async () => {
  const path = await filled();
  // Opening moves the log into a table.
  await (await openLevelStore(path)).close();
  const table = fileOf(path, /\.(ldb|sst)$/);
  const bytes = readFileSync(table);
  let noticed = 0;
  for (let at = 500; at < bytes.length; at += Math.floor(bytes.length / 12)) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] as number) ^ 4;
    writeFileSync(table, damaged);
    noticed += await readAll(path);
  }
  assert.ok(noticed > 0, "at least one flipped bit was noticed");
});

/** How many reads failed with STORE_DAMAGED; throws on a wrong value. */
async function readAll(path: string): Promise<number> {
  const opened = await openLevelStore(path).catch((error: FairmeshError) => error);
  if (opened instanceof FairmeshError) {
    assert.is(opened.code, "STORE_DAMAGED");
    return 1;
  }
  let noticed = 0;
  for (let index = 0; index < 400; index++) {
    try {
      const value = opened.get("s", bigEndian(index));
      if (value !== undefined) assert.equal(value, new Uint8Array(1024).fill(index));
    } catch (error) {
      if (!(error instanceof FairmeshError)) throw error;
      assert.is(error.code, "STORE_DAMAGED");
      noticed += 1;
    }
  }
  await opened.close();
  return noticed;
}

test.run();
