// Looks at LevelDB's write-ahead logs before LevelDB does: it drops a damaged record from the middle of a log without an error
// and keeps what follows, so later batches would stand without earlier ones. A record cut off at the end is no damage: that
// is how a log looks after a crash. Format: leveldb/doc/log_format.md (32 KiB blocks; masked CRC-32C, length, type, data).
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bytes } from "../primitives/index.ts";

const blockBytes = 32_768;
const headerBytes = 7;

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

function maskedCrc32c(bytes: Bytes): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] as number);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Whether the record at `at` is sound, and where the next one would begin (undefined: only the next block tells). */
function readRecord(view: DataView, at: number): { readonly sound: boolean; readonly next: number | undefined } {
  const length = view.getUint16(at + 4, true);
  const end = at + headerBytes + length;
  if (end > view.byteLength || Math.floor(at / blockBytes) !== Math.floor((end - 1) / blockBytes)) {
    return { sound: false, next: undefined };
  }
  const body = new Uint8Array(view.buffer, view.byteOffset + at + 6, length + 1);
  return { sound: view.getUint32(at, true) === maskedCrc32c(body), next: end };
}

const isPadding = (view: DataView, at: number): boolean =>
  view.getUint16(at + 4, true) === 0 && view.getUint8(at + 6) === 0;

/** Where the first damaged record is that sound ones follow; undefined when there is none. */
function damagedLogRecord(bytes: Bytes): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let damagedAt: number | undefined;
  let at = 0;
  while (at + headerBytes <= bytes.length) {
    const blockEnd = (Math.floor(at / blockBytes) + 1) * blockBytes;
    if (at + headerBytes > blockEnd || isPadding(view, at)) {
      at = blockEnd;
      continue;
    }
    const { sound, next } = readRecord(view, at);
    if (sound && damagedAt !== undefined) return damagedAt;
    if (!sound) damagedAt ??= at;
    at = next ?? blockEnd;
  }
  return undefined;
}

/** Says which log is damaged and where; undefined when all are sound or the folder is not there yet. */
export async function findLogDamage(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.endsWith(".log"))) {
    const at = damagedLogRecord(await readFile(join(folder, name)));
    if (at !== undefined) return `its log ${name} was changed at byte ${at}`;
  }
  return undefined;
}
