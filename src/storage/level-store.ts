// The Store on LevelDB: one database, spaces by key prefix, a checksum with every value, batches in the order they were given.
// Opened once by the composition root. It notices what LevelDB does not: an empty database where there was one, a database
// that went back behind its last clean close, a changed value. It never repairs: a damaged database is resynced by hand.
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Level } from "level";
import type { Store, StoreOperation } from "../ports/index.ts";
import {
  type Bytes,
  bigEndian,
  FairmeshError,
  fromBigEndian,
  fromHex,
  toHex,
  utf8ToBytes,
} from "../primitives/index.ts";
import { openValue, sealValue } from "./checked-value.ts";
import { levelKey } from "./level-key.ts";
import { findLogDamage } from "./level-log-check.ts";
import { readSentinel, type Sentinel, writeSentinel } from "./sentinel.ts";

const idKey = levelKey("meta", utf8ToBytes("id"));
const sequenceKey = levelKey("meta", utf8ToBytes("sequence"));

/** Batches given and not yet written; more is refused with `STORE_BUSY`. */
const pendingMax = 4096;
const rangeChunk = 256;

type Database = Level<Bytes, Bytes>;
type GetSync = { getSync(key: Bytes): Bytes | undefined };
type Write = { readonly type: "put"; key: Bytes; value: Bytes } | { readonly type: "del"; key: Bytes };
type WriteBatch = (writes: readonly Write[], options: { readonly sync: boolean }) => Promise<void>;

/** The sentinel's path for a database folder. */
export const sentinelPath = (folder: string): string => `${folder}.sentinel`;

const causeCode = (error: unknown): string | undefined =>
  (error as { cause?: { code?: string } } | undefined)?.cause?.code;

function failure(what: string, error: unknown): FairmeshError {
  const text = error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : String(error);
  if ((error as { code?: string }).code === "LEVEL_DATABASE_NOT_OPEN") {
    return new FairmeshError("STORE_CLOSED", "the database is closed", { cause: error });
  }
  if (/no space left/i.test(text)) return new FairmeshError("STORE_FULL", "the disk is full", { cause: error });
  if (/corruption/i.test(text)) {
    return new FairmeshError("STORE_DAMAGED", `the database is damaged: ${what}`, { cause: error });
  }
  return new FairmeshError("STORE_FAILED", `the database failed: ${what}`, { cause: error });
}

async function openLevel(folder: string, create: boolean): Promise<Database> {
  const database: Database = new Level(folder, { keyEncoding: "view", valueEncoding: "view" });
  try {
    await database.open({ createIfMissing: create } as never);
    return database;
  } catch (error) {
    if (causeCode(error) === "LEVEL_LOCKED") {
      throw new FairmeshError(
        "STORE_LOCKED",
        `another process uses ${folder}: is a node running on this data folder?`,
        {
          cause: error,
        },
      );
    }
    if (!create) throw damaged(folder, "it cannot be opened", error);
    throw failure(`${folder} cannot be opened`, error);
  }
}

const damaged = (folder: string, why: string, cause?: unknown): FairmeshError =>
  new FairmeshError(
    "STORE_DAMAGED",
    `the database ${folder} is damaged: ${why}. Keep keys and guard, move the database and its sentinel away, and let the node synchronise again`,
    { cause },
  );

const getSync = (database: Database, key: Bytes): Bytes | undefined => {
  const stored = (database as unknown as GetSync).getSync(key);
  return stored === undefined ? undefined : openValue(key, stored);
};

/** Compares the database with its sentinel, and makes both for a new one. Returns where to go on. */
async function checkIdentity(database: Database, folder: string, sentinel: Sentinel | undefined): Promise<Sentinel> {
  const id = getSync(database, idKey);
  if (id === undefined && sentinel === undefined) {
    const fresh = { id: randomBytes(16).toString("hex"), sequence: 0 };
    const write: Write = { type: "put", key: idKey, value: sealValue(idKey, fromHex(fresh.id)) };
    await (database.batch as unknown as WriteBatch).call(database, [write], { sync: true });
    await writeSentinel(sentinelPath(folder), fresh);
    return fresh;
  }
  if (id === undefined) throw damaged(folder, "it is empty, and was not when it was last used");
  if (sentinel !== undefined && sentinel.id !== toHex(id))
    throw damaged(folder, "it is not the one that was here before");
  const stored = getSync(database, sequenceKey);
  const sequence = stored === undefined ? 0 : Number(fromBigEndian(stored));
  if (sentinel !== undefined && sequence < sentinel.sequence) {
    throw damaged(folder, `it ends at batch ${sequence}, and had ${sentinel.sequence} when it was last closed`);
  }
  const found = { id: toHex(id), sequence };
  if (sentinel === undefined) await writeSentinel(sentinelPath(folder), found);
  return found;
}

/**
 * Opens the database in `folder`, making it when neither it nor its sentinel is there. Rejects with `STORE_LOCKED`,
 * `STORE_DAMAGED` (empty, foreign, gone back, unreadable) or `STORE_FAILED`.
 */
export async function openLevelStore(folder: string): Promise<Store> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  const sentinel = await readSentinel(sentinelPath(folder));
  const logDamage = await findLogDamage(folder);
  if (logDamage !== undefined) throw damaged(folder, logDamage);
  const database = await openLevel(folder, sentinel === undefined);
  try {
    return createStore(database, folder, await checkIdentity(database, folder, sentinel));
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error instanceof FairmeshError ? error : failure(`${folder} cannot be checked`, error);
  }
}

function createStore(database: Database, folder: string, { id, sequence: startSequence }: Sentinel): Store {
  let sequence = startSequence;
  let pending = 0;
  let last: Promise<void> = Promise.resolve();
  let failed: FairmeshError | undefined;
  let closing: Promise<void> | undefined;

  const writesOf = (operations: readonly StoreOperation[]): Write[] =>
    operations.map(({ space, key, value }) => {
      const full = levelKey(space, key);
      return value === undefined
        ? { type: "del", key: full }
        : { type: "put", key: full, value: sealValue(full, value) };
    });

  const write = async (writes: Write[], sync: boolean): Promise<void> => {
    if (failed !== undefined) throw failed;
    const value = sealValue(sequenceKey, bigEndian(sequence + 1));
    try {
      const all: Write[] = [...writes, { type: "put", key: sequenceKey, value }];
      await (database.batch as unknown as WriteBatch).call(database, all, { sync });
      sequence += 1;
    } catch (error) {
      // What a failed write or sync left on the disk is unknown: nothing is written after it.
      failed = failure("a write failed; the node must stop", error);
      throw failed;
    }
  };

  return {
    get(space, key) {
      try {
        return getSync(database, levelKey(space, key));
      } catch (error) {
        throw error instanceof FairmeshError ? error : failure("a value cannot be read", error);
      }
    },
    batch(operations, { sync }) {
      if (closing !== undefined) return Promise.reject(new FairmeshError("STORE_CLOSED", "the database is closed"));
      if (pending >= pendingMax) {
        return Promise.reject(new FairmeshError("STORE_BUSY", `${pendingMax} batches wait to be written`));
      }
      const writes = writesOf(operations);
      pending += 1;
      const done = last.then(() => write(writes, sync)).finally(() => (pending -= 1));
      last = done.catch(() => undefined);
      return done;
    },
    range: (space, from, to, max) => readRange(database, { space, from, to, max }),
    close() {
      closing ??= last.then(async () => {
        // The sentinel may not run ahead of the disk: what was written without sync is synced with this last write.
        if (failed === undefined) await write([], true).catch(() => undefined);
        await database.close();
        if (failed === undefined) await writeSentinel(sentinelPath(folder), { id, sequence });
      });
      return closing;
    },
  };
}

interface Range {
  readonly space: string;
  readonly from: Bytes;
  readonly to: Bytes;
  readonly max: number;
}

/** Reads a snapshot of the range, a few hundred pairs at a time. */
async function* readRange(database: Database, { space, from, to, max }: Range): AsyncGenerator<[Bytes, Bytes]> {
  const gte = levelKey(space, from);
  const skip = gte.length - from.length;
  const iterator = database.iterator({ gte, lt: levelKey(space, to), limit: max });
  try {
    for (;;) {
      const pairs = await iterator.nextv(rangeChunk);
      if (pairs.length === 0) return;
      for (const [key, stored] of pairs) yield [Uint8Array.from(key.subarray(skip)), openValue(key, stored)];
    }
  } catch (error) {
    throw error instanceof FairmeshError ? error : failure("a range cannot be read", error);
  } finally {
    await iterator.close();
  }
}
