// What a machine has to offer, measured where it can be (`fairmesh assets detect`): free disk and its speed by writing and
// reading a file, processor by sealing in memory of a sector's size, memory. A link's speed cannot be measured without another machine: the interface's own
// rate is shown, named as what it is. Nothing here opens the network.
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rm, statfs } from "node:fs/promises";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { join } from "node:path";
import { parseGenesis } from "../config/index.ts";
import { measureSealing } from "../native/index.ts";
import { FairmeshError } from "../primitives/index.ts";
import { parametersOf, readParameters } from "../schema/index.ts";
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
  readonly processor: { readonly model: string; readonly threads: number };
  readonly sealing: {
    readonly sectorBytes: number;
    /** What was sealed in, to measure: less than a sector where so much memory is not free, and then too quick. */
    readonly testedBytes: number;
    readonly sectorSeconds: number;
  };
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number };
  /** Each interface that is up and says how fast it is; the loopback never. Not what a provider's line carries. */
  readonly links: readonly Link[];
}

const diskTestBytes = 32 << 20;
const pieceBytes = 1 << 20;
const sealTestBytesMin = 1 << 20;
/** Parts of sealing are measured for so long each. */
const sealTestMs = 2_000;

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

/** Free disk, and its speed. Rejects with `VOLUME_FAILED`, or `VOLUME_FULL` when the folder's disk has no room to test. */
export async function detectDisk(folder: string, reserveBytes: number): Promise<Detected["disk"]> {
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
  return {
    ...{ folder, freeBytes },
    usableBytes: Math.max(0, freeBytes - reserveBytes),
    writeBytesPerSecond: speed.write,
    readBytesPerSecond: speed.read,
  };
}

function sealingOf(sectorBytes: number): Detected["sealing"] {
  let testedBytes = sectorBytes;
  while (testedBytes > sealTestBytesMin && testedBytes > freemem() / 2) testedBytes /= 2;
  const ms = measureSealing(testedBytes, sealTestMs) * (sectorBytes / testedBytes);
  return { sectorBytes, testedBytes, sectorSeconds: Number((ms / 1000).toPrecision(3)) };
}

/** All that can be measured, in a few seconds. `sectorBytes` is the network's. Rejects as `detectDisk` does. */
export async function detectMachine(folder: string, reserveBytes: number, sectorBytes: number): Promise<Detected> {
  return {
    disk: await detectDisk(folder, reserveBytes),
    processor: { model: cpus()[0]?.model.trim() ?? "unknown", threads: availableParallelism() },
    sealing: sealingOf(sectorBytes),
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
    links: await linksOf(),
  };
}

/** Bytes in a sector of the network that a data folder belongs to; of testnet and mainnet, where it has no genesis. */
export async function sectorBytesOf(genesisFile: string): Promise<number> {
  const text = await readFile(genesisFile, "utf8").catch(() => undefined);
  const parameters = text === undefined ? undefined : readParameters(parseGenesis(text).parameters);
  return parameters?.ok === true ? parameters.value.storageUnitBytes : parametersOf("mainnet").storageUnitBytes;
}
