// Looking after sealed sectors between audits, on real files: what a disk loses is said and made again, what is whole is left
// alone, and reading keeps to its rate.
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../src/crypto/index.ts";
import { systemClock } from "../../src/native/index.ts";
import type { Volume } from "../../src/ports/index.ts";
import { assetId, FairmeshError, keyOf, utf8ToBytes } from "../../src/primitives/index.ts";
import { createStorageService } from "../../src/services/index.ts";
import { createFileVolume } from "../../src/storage/index.ts";
import { createInlineCompute } from "../support/inline-compute.ts";

const folder = await mkdtemp(join(tmpdir(), "fairmesh-scrub-"));
test.after(() => rm(folder, { recursive: true }));

const sectorBytes = 256 << 10;
const asset = { id: assetId(sha256(utf8ToBytes("scrubbed"))), units: 2n };
const pathOf = (name: string): string => join(folder, keyOf(asset.id), name);
const disk = createFileVolume(folder);
let reads = 0;
let sealed = 0;
let full = false;
const volume: Volume = {
  ...disk,
  read: (file, at, length) => {
    if (file.endsWith(".sector")) reads += length;
    return disk.read(file, at, length);
  },
  write: async (file, at, bytes) => {
    if (full) throw new FairmeshError("VOLUME_FULL", "no room");
    await disk.write(file, at, bytes);
  },
};
const inline = createInlineCompute();
const compute: typeof inline = {
  run: (...input) => {
    sealed++;
    return inline.run(...input);
  },
};
const make = (bytesPerSecond: number) =>
  createStorageService({ volume, compute, sectorBytes, clock: systemClock, scrub: { bytesPerSecond, restMs: 1 } });
await make(1).prepare(asset, new AbortController().signal, () => {});
const before = { sector: await readFile(pathOf("1.sector")), tree: await readFile(pathOf("1.tree")) };

/** Faults of whole rounds, from the first of them on. */
async function rounds(count: number, bytesPerSecond = 1 << 30): Promise<readonly (readonly string[])[]> {
  const control = new AbortController();
  const heard: string[][] = [[]];
  const reason = new Error("enough");
  const hear = {
    onFault: (fault: string) => heard.at(-1)?.push(fault),
    onRound: () => {
      if (heard.length === count) control.abort(reason);
      else heard.push([]);
    },
  };
  const ended = await make(bytesPerSecond)
    .watch?.(asset, control.signal, hear)
    .catch((caught: unknown) => caught);
  assert.is(ended, reason);
  return heard;
}

async function flip(name: string, at: number): Promise<void> {
  const file = await open(pathOf(name), "r+");
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  await file.write(Buffer.from([(byte[0] as number) ^ 1]), 0, 1, at);
  await file.close();
}

const isMended = async (): Promise<boolean> =>
  before.sector.equals(await readFile(pathOf("1.sector"))) && before.tree.equals(await readFile(pathOf("1.tree")));

test("whole sectors are read whole, and left alone", async () => {
  [reads, sealed] = [0, 0];
  assert.equal(await rounds(2), [[], []]);
  assert.is(reads, 4 * sectorBytes);
  assert.is(sealed, 0);
});

test("a byte flipped anywhere in a sector or on any level of its tree is found, said, and mended", async () => {
  const lastNode = before.tree.length - 1;
  for (const [name, at] of [
    ["1.sector", 0],
    ["1.sector", 130_000],
    ["1.sector", sectorBytes - 1],
    ["1.tree", 5 * 32],
    ["1.tree", (64 + 9) * 32],
    ["1.tree", (64 + 32 + 16 + 8 + 1) * 32],
    ["1.tree", lastNode - 32],
  ] as const) {
    await flip(name, at);
    const [first, second] = await rounds(2);
    assert.equal(first, ["sector 1 was damaged on the disk and has been made again"], `${name} at ${at}`);
    assert.equal(second, []);
    assert.ok(await isMended(), `${name} at ${at}`);
  }
});

test("a sector that vanished is made again; one that cannot be written is said, and tried again in the next round", async () => {
  await rm(pathOf("1.sector"));
  full = true;
  const [first] = await rounds(1);
  assert.match(first?.[0] as string, /sector 1 is damaged on the disk and cannot be made again: .*no room/);
  full = false;
  assert.match((await rounds(1))[0]?.[0] as string, /has been made again/);
  assert.ok(await isMended());
});

test("a damaged commitment ends it after one sector made again, and says what to do; a start makes it anew", async () => {
  await flip("top.tree", 40);
  sealed = 0;
  const control = new AbortController();
  const hear = { onFault: () => {}, onRound: () => control.abort(new Error("a round ended")) };
  const ended = await make(64 << 20)
    .watch?.(asset, control.signal, hear)
    .catch((caught: unknown) => caught);
  assert.match(String((ended as Error).message), /does not fit the commitment.*start the node again/);
  assert.is(sealed, 1);
  await make(64 << 20).prepare(asset, control.signal, () => {});
  assert.equal(await rounds(1), [[]]);
});

test("reading keeps to its rate", async () => {
  const startedMs = performance.now();
  await rounds(1, 1 << 20);
  // Half a MiB at one MiB a second; timers never fire early by more than a millisecond each.
  assert.ok(performance.now() - startedMs > 480);
});

test.run();
