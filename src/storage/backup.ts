// Backups of the database: one file made through a snapshot while the node runs, never a copy of LevelDB's own files.
// What a node has signed is left out, and the guard is never part of it: a restored node must not take old votes for all
// its votes (S-14). Called by the backup and restore commands.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, stat, unlink } from "node:fs/promises";
import type { Store, StoreOperation } from "../ports/index.ts";
import { type Bytes, bigEndian, concatBytes, FairmeshError, utf8ToBytes } from "../primitives/index.ts";
import { systemCode } from "./durable-file.ts";

const magic = utf8ToBytes("fairmesh backup 1\n");
/** One entry: lengths of space, key and value in 2, 2 and 4 bytes, then the three. An entry of zeros ends the file. */
const headBytes = 8;
const valueBytesMax = 64 << 20;
const batchBytes = 4 << 20;
const anyKey = new Uint8Array(256).fill(255);

export interface BackupCount {
  readonly entries: number;
  readonly bytes: number;
}

interface Entry {
  readonly space: string;
  readonly key: Bytes;
  readonly value: Bytes;
}

const encodeEntry = ({ space, key, value }: Entry): Bytes => {
  const name = utf8ToBytes(space);
  return concatBytes(bigEndian(name.length, 2), bigEndian(key.length, 2), bigEndian(value.length, 4), name, key, value);
};

const damaged = (path: string): FairmeshError =>
  new FairmeshError("BACKUP_DAMAGED", `${path} is not a whole backup: it was cut short or changed`);

/**
 * Writes the named spaces to a new file, mode 0600. The caller names neither the votes' space nor anything else signed.
 * Rejects with `BACKUP_EXISTS` or `BACKUP_FAILED`, and with `STORE_DAMAGED` rather than keep a damaged value.
 */
export async function backupStore(store: Store, spaces: readonly string[], path: string): Promise<BackupCount> {
  const handle = await open(path, "wx", 0o600).catch((error: unknown) => {
    if (systemCode(error) === "EEXIST") throw new FairmeshError("BACKUP_EXISTS", `${path} exists; choose another name`);
    throw new FairmeshError("BACKUP_FAILED", `${path} cannot be written`, { cause: error });
  });
  try {
    const count = await writeBackup(store, spaces, handle);
    await handle.sync();
    return count;
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error instanceof FairmeshError
      ? error
      : new FairmeshError("BACKUP_FAILED", `${path} failed`, { cause: error });
  } finally {
    await handle.close();
  }
}

async function writeBackup(store: Store, spaces: readonly string[], handle: FileHandle): Promise<BackupCount> {
  const hash = createHash("sha256");
  let [entries, bytes] = [0, 0];
  let held: Bytes[] = [magic];
  let heldBytes = magic.length;
  const flush = async (): Promise<void> => {
    const block = concatBytes(...held);
    hash.update(block);
    await handle.appendFile(block);
    bytes += block.length;
    held = [];
    heldBytes = 0;
  };
  for (const space of spaces) {
    for await (const [key, value] of store.range(space, new Uint8Array(), anyKey, Number.MAX_SAFE_INTEGER)) {
      const entry = encodeEntry({ space, key, value });
      held.push(entry);
      heldBytes += entry.length;
      entries += 1;
      if (heldBytes > batchBytes) await flush();
    }
  }
  held.push(new Uint8Array(headBytes));
  await flush();
  await handle.appendFile(hash.digest());
  return { entries, bytes: bytes + 32 };
}

/** Whether the file is whole: read once before anything is restored from it. */
async function checkWhole(path: string): Promise<void> {
  const { size } = await stat(path);
  const bodyEnd = size - 32;
  if (bodyEnd < magic.length + headBytes) throw damaged(path);
  const hash = createHash("sha256");
  for await (const block of createReadStream(path, { end: bodyEnd - 1 })) hash.update(block as Buffer);
  const sum: Buffer[] = [];
  for await (const block of createReadStream(path, { start: bodyEnd })) sum.push(block as Buffer);
  if (Buffer.compare(hash.digest(), Buffer.concat(sum)) !== 0) throw damaged(path);
}

/** The entries of a whole backup, in order, reading a few megabytes at a time. */
async function* readEntries(path: string): AsyncGenerator<Entry> {
  let buffer = Buffer.alloc(0);
  const blocks = createReadStream(path, { start: magic.length, highWaterMark: 1 << 20 });
  for await (const block of blocks) {
    buffer = Buffer.concat([buffer, block as Buffer]);
    let at = 0;
    while (at + headBytes <= buffer.length) {
      const [nameEnd, keyLength] = [at + headBytes + buffer.readUInt16BE(at), buffer.readUInt16BE(at + 2)];
      const valueLength = buffer.readUInt32BE(at + 4);
      if (nameEnd === at + headBytes) return;
      if (valueLength > valueBytesMax) throw damaged(path);
      const end = nameEnd + keyLength + valueLength;
      if (end > buffer.length) break;
      yield {
        space: buffer.toString("utf8", at + headBytes, nameEnd),
        key: Uint8Array.from(buffer.subarray(nameEnd, nameEnd + keyLength)),
        value: Uint8Array.from(buffer.subarray(nameEnd + keyLength, end)),
      };
      at = end;
    }
    buffer = buffer.subarray(at);
  }
  throw damaged(path);
}

/** Puts a backup into an empty store. Rejects with `BACKUP_DAMAGED` before anything is written, or `BACKUP_FAILED`. */
export async function restoreStore(store: Store, path: string): Promise<BackupCount> {
  try {
    await checkWhole(path);
    let [entries, bytes, heldBytes] = [0, 0, 0];
    let held: StoreOperation[] = [];
    for await (const entry of readEntries(path)) {
      held.push(entry);
      entries += 1;
      heldBytes += entry.value.length;
      bytes += entry.value.length;
      if (heldBytes < batchBytes) continue;
      await store.batch(held, { sync: false });
      held = [];
      heldBytes = 0;
    }
    await store.batch(held, { sync: true });
    return { entries, bytes };
  } catch (error) {
    if (error instanceof FairmeshError) throw error;
    throw new FairmeshError("BACKUP_FAILED", `${path} cannot be read`, { cause: error });
  }
}
