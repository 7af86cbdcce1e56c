// What a machine has to offer, measured where it can be (`fairmesh assets detect`): free disk and its speed by writing and
// reading a file, processor by sealing, memory. A link's speed cannot be measured without another machine: the interface's own
// rate is shown, named as what it is. Nothing here opens the network.
import { randomBytes } from "node:crypto";
import { mkdir, open, rm, statfs } from "node:fs/promises";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { join } from "node:path";
import { sealSector } from "../native/index.ts";
import { FairmeshError } from "../primitives/index.ts";
import { type Link, linksOf } from "./link.ts";

export interface Detected {
  readonly disk: {
    readonly folder: string;
    readonly freeBytes: number;
    /** Free bytes less the reserve: what may be offered. */
    readonly usableBytes: number;
    readonly writeBytesPerSecond: number;
    /** Perhaps from the system's cache: an upper bound. */
    readonly readBytesPerSecond: number;
  };
  readonly processor: { readonly model: string; readonly threads: number; readonly sealBytesPerSecond: number };
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number };
  /** Each interface that is up and says how fast it is; the loopback never. Not what a provider's line carries. */
  readonly links: readonly Link[];
}

const diskTestBytes = 32 << 20;
const pieceBytes = 1 << 20;
const sealTestBytes = 1 << 20;

const perSecond = (bytes: number, startedMs: number): number =>
  Math.round((bytes * 1000) / Math.max(performance.now() - startedMs, 0.001));

/** Writes a file, waits until it is on the disk, reads it back and compares. Rejects with `VOLUME_FAILED`. */
async function diskSpeed(folder: string): Promise<{ readonly write: number; readonly read: number }> {
  const path = join(folder, `.detect-${process.pid}`);
  const piece = randomBytes(pieceBytes);
  const file = await open(path, "wx+", 0o600);
  try {
    let startedMs = performance.now();
    for (let at = 0; at < diskTestBytes; at += pieceBytes) await file.write(piece, 0, pieceBytes, at);
    await file.sync();
    const write = perSecond(diskTestBytes, startedMs);
    startedMs = performance.now();
    const back = Buffer.alloc(pieceBytes);
    for (let at = 0; at < diskTestBytes; at += pieceBytes) {
      const { bytesRead } = await file.read(back, 0, pieceBytes, at);
      if (bytesRead !== pieceBytes || !back.equals(piece))
        throw new FairmeshError("VOLUME_FAILED", `${folder} does not give back what was written to it`);
    }
    return { write, read: perSecond(diskTestBytes, startedMs) };
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/** Measures for about a second. Rejects with `VOLUME_FAILED`, or `VOLUME_FULL` when the folder's disk has no room to test. */
export async function detectMachine(folder: string, reserveBytes: number): Promise<Detected> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new FairmeshError("VOLUME_FAILED", `${folder} cannot be made (assets.folder)`, { cause });
  });
  const facts = await statfs(folder);
  const freeBytes = facts.bavail * facts.bsize;
  if (freeBytes < 2 * diskTestBytes) throw new FairmeshError("VOLUME_FULL", `${folder} has ${freeBytes} bytes free`);
  const speed = await diskSpeed(folder).catch((cause: unknown) => {
    if (cause instanceof FairmeshError) throw cause;
    throw new FairmeshError("VOLUME_FAILED", `${folder} cannot be written or read (assets.folder)`, { cause });
  });
  const startedMs = performance.now();
  sealSector(randomBytes(32), sealTestBytes, () => {});
  const sealBytesPerSecond = perSecond(sealTestBytes, startedMs);
  return {
    disk: {
      ...{ folder, freeBytes },
      usableBytes: Math.max(0, freeBytes - reserveBytes),
      writeBytesPerSecond: speed.write,
      readBytesPerSecond: speed.read,
    },
    processor: { model: cpus()[0]?.model.trim() ?? "unknown", threads: availableParallelism(), sealBytesPerSecond },
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
    links: await linksOf(),
  };
}
