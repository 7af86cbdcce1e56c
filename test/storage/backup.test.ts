// Backups: what is named comes back, what is not named is left out, and a damaged file is refused before anything is written.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Bytes, bigEndian, FairmeshError, keyOf } from "../../src/primitives/index.ts";
import { backupStore, openLevelStore, restoreStore } from "../../src/storage/index.ts";
import { createMemoryStore } from "../support/memory-store.ts";

const folder = mkdtempSync(join(tmpdir(), "fairmesh-backup-"));
test.after(() => rmSync(folder, { recursive: true }));

async function code(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    return error instanceof FairmeshError ? error.code : `unexpected ${String(error)}`;
  }
}

test("the named spaces come back from the file, votes do not; a big value crosses blocks", async () => {
  const store = await openLevelStore(join(folder, "db"));
  for (let index = 0; index < 300; index++) {
    const value = new Uint8Array(index * 100).fill(index);
    await store.batch([{ space: "blocks", key: bigEndian(index), value }], { sync: false });
  }
  await store.batch([{ space: "blocks", key: bigEndian(7777), value: new Uint8Array(6 << 20).fill(5) }], {
    sync: false,
  });
  await store.batch([{ space: "votes", key: bigEndian(1), value: Uint8Array.of(1) }], { sync: true });
  const path = join(folder, "backup");
  assert.is((await backupStore(store, ["blocks", "state"], path)).entries, 301);
  assert.is(statSync(path).mode & 0o777, 0o600);
  assert.is(await code(backupStore(store, ["blocks"], path)), "BACKUP_EXISTS");
  await store.close();

  const spaces = new Map<string, Map<string, Bytes>>();
  assert.is((await restoreStore(createMemoryStore(spaces), path)).entries, 301);
  assert.equal([...spaces.keys()], ["blocks"]);
  assert.equal(spaces.get("blocks")?.get(keyOf(bigEndian(299))), new Uint8Array(29_900).fill(299));
  assert.is(spaces.get("blocks")?.get(keyOf(bigEndian(7777)))?.length, 6 << 20);
});

test("an empty backup is a backup", async () => {
  const path = join(folder, "empty");
  assert.is((await backupStore(createMemoryStore(), ["blocks"], path)).entries, 0);
  assert.is((await restoreStore(createMemoryStore(), path)).entries, 0);
});

test("a cut or changed file is refused and nothing is restored", async () => {
  const source = createMemoryStore();
  await source.batch([{ space: "s", key: bigEndian(1), value: new Uint8Array(100).fill(3) }], { sync: true });
  const path = join(folder, "whole");
  await backupStore(source, ["s"], path);
  const bytes = readFileSync(path);
  const bad = [bytes.subarray(0, -1), bytes.subarray(0, 60), Buffer.alloc(0), Buffer.from(bytes.with(60, 9))];
  for (const [index, change] of bad.entries()) {
    const copy = join(folder, `bad-${index}`);
    writeFileSync(copy, change);
    const spaces = new Map<string, Map<string, Bytes>>();
    assert.is(await code(restoreStore(createMemoryStore(spaces), copy)), "BACKUP_DAMAGED");
    assert.is(spaces.size, 0);
  }
  assert.is(await code(restoreStore(createMemoryStore(), join(folder, "none"))), "BACKUP_FAILED");
});

test.run();
