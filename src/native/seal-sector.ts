// Makes one sealed sector in memory (src/crypto/sealing.ts says how) and its Merkle tree. Slow on purpose: runs in
// seal-worker.ts, never on the event loop.
import { createCipheriv, hash } from "node:crypto";
import {
  merkleLevelSizes,
  sealDistances,
  sealKey,
  sealPartners,
  sealPasses,
  sealScatter,
  sealUnitWords,
  sectorLeafBytes,
} from "../crypto/index.ts";
import { type Bytes, invariant } from "../primitives/index.ts";

const zeroIv = new Uint8Array(16);
const zeroUnit = new Uint8Array(sectorLeafBytes);

/** The xor of the unit at `own` (its old value) and of four others, each word where `sealScatter` sends it. */
function scatterXor(input: Int32Array, words: Int32Array, own: number, starts: readonly number[]): void {
  const [a, b, c, d] = starts as readonly [number, number, number, number];
  let to: number = sealScatter.start;
  for (let i = 0; i < sealUnitWords; i++) {
    input[to] =
      (words[own + i] as number) ^
      (words[a + i] as number) ^
      (words[b + i] as number) ^
      (words[c + i] as number) ^
      (words[d + i] as number);
    to = (to + sealScatter.factor) % sealUnitWords;
  }
}

/** The unit's new value: its encryption xor its input, so that the unit alone gives neither. */
function mixInto(words: Int32Array, own: number, input: Int32Array, made: Int32Array): void {
  for (let i = 0; i < sealUnitWords; i++) words[own + i] = (made[i] as number) ^ (input[i] as number);
}

/** The first values of a sector whose length is a multiple of 4 KiB. */
function fillFrom(sector: Bytes, seed: Bytes): void {
  invariant(sector.length % sectorLeafBytes === 0, "a sector has whole units", { sectorBytes: sector.length });
  const fill = createCipheriv("aes-256-ctr", sealKey(seed, "fill"), zeroIv);
  for (let at = 0; at < sector.length; at += sectorLeafBytes) sector.set(fill.update(zeroUnit), at);
}

/** Makes unit t of the line in place, for t = 0, 1, 2 and so on: each is one call later than the one before. */
function unitMaker(sector: Bytes, seed: Bytes): (t: number) => void {
  const units = sector.length / sectorLeafBytes;
  const words = new Int32Array(sector.buffer, sector.byteOffset, sector.length / 4);
  const input = new Int32Array(sealUnitWords);
  const inputBytes = new Uint8Array(input.buffer);
  const distances = new Int32Array(sealPartners);
  const chain = createCipheriv("aes-256-cbc", sealKey(seed, "chain"), zeroIv).setAutoPadding(false);
  return (t) => {
    const at = t % units;
    sealDistances(t, units, distances);
    const [a, b, c] = distances as unknown as readonly [number, number, number];
    const starts = [at + units - 1, at + units - a, at + units - b, at + units - c].map(
      (unit) => (unit % units) * sealUnitWords,
    );
    scatterXor(input, words, at * sealUnitWords, starts);
    const made = chain.update(inputBytes);
    mixInto(words, at * sealUnitWords, input, new Int32Array(made.buffer, made.byteOffset, sealUnitWords));
  };
}

/** Fills `sector` from its seed, in place. `onProgress` hears at most a thousand times, in ppm. */
function sealInto(sector: Bytes, seed: Bytes, onProgress: (ppm: number) => void): void {
  fillFrom(sector, seed);
  const makeUnit = unitMaker(sector, seed);
  const total = (sealPasses * sector.length) / sectorLeafBytes;
  const step = Math.ceil(total / 1000);
  for (let t = 0; t < total; t++) {
    makeUnit(t);
    if ((t + 1) % step === 0 || t + 1 === total) onProgress(Math.floor(((t + 1) * 1_000_000) / total));
  }
}

/** The Merkle tree over a sector's leaves (crypto/merkle.ts), 32 bytes a node: the leaves in order, then each level above. */
function treeInto(tree: Bytes, sector: Bytes): void {
  const sizes = merkleLevelSizes(sector.length / sectorLeafBytes);
  const input = new Uint8Array(1 + sectorLeafBytes);
  for (let i = 0; i < (sizes[0] as number); i++) {
    input.set(sector.subarray(i * sectorLeafBytes, (i + 1) * sectorLeafBytes), 1);
    tree.set(hash("sha256", input, "buffer"), i * 32);
  }
  const node = new Uint8Array(65);
  node[0] = 1;
  let below = 0;
  for (const [level, size] of sizes.slice(0, -1).entries()) {
    const above = below + size;
    for (let i = 0; i < (sizes[level + 1] as number); i++) {
      node.fill(0, 1);
      node.set(tree.subarray((below + 2 * i) * 32, (below + Math.min(2 * i + 2, size)) * 32), 1);
      tree.set(hash("sha256", node, "buffer"), (above + i) * 32);
    }
    below = above;
  }
}

const treeBytesOf = (sectorBytes: number): number =>
  merkleLevelSizes(sectorBytes / sectorLeafBytes).reduce((sum, size) => sum + size, 0) * 32;

/** The tree of a sector that is there. */
export function sectorTree(sector: Bytes): Bytes {
  const tree = new Uint8Array(treeBytesOf(sector.length));
  treeInto(tree, sector);
  return tree;
}

/** A sector and after it its tree, in one piece of memory that is never copied. */
export function sealSector(seed: Bytes, sectorBytes: number, onProgress: (ppm: number) => void): Bytes {
  const made = new Uint8Array(sectorBytes + treeBytesOf(sectorBytes));
  const sector = made.subarray(0, sectorBytes);
  sealInto(sector, seed, onProgress);
  treeInto(made.subarray(sectorBytes), sector);
  return made;
}

/** Units and leaves between two looks at the clock. */
const measuredAtOnce = 64;

/**
 * Milliseconds that a sector of `sectorBytes` takes here and now, as far as `testMs` of each part of the work show it: filled
 * whole, so that its memory and no cache is what units are read from; then units, then leaves of its tree.
 */
export function measureSealing(sectorBytes: number, testMs: number): number {
  const sector = new Uint8Array(sectorBytes);
  const seed = new Uint8Array(32);
  const units = sectorBytes / sectorLeafBytes;
  const each = (most: number, once: (index: number) => void): number => {
    const startedMs = performance.now();
    let done = 0;
    do {
      for (const end = Math.min(most, done + measuredAtOnce); done < end; done++) once(done);
    } while (done < most && performance.now() - startedMs < testMs);
    return (performance.now() - startedMs) / done;
  };
  const startedMs = performance.now();
  fillFrom(sector, seed);
  const fillMs = performance.now() - startedMs;
  const unitMs = each(sealPasses * units, unitMaker(sector, seed));
  const leaf = new Uint8Array(1 + sectorLeafBytes);
  const leafMs = each(units, (index) => {
    leaf.set(sector.subarray(index * sectorLeafBytes, (index + 1) * sectorLeafBytes), 1);
    hash("sha256", leaf, "buffer");
  });
  return fillMs + units * (sealPasses * unitMs + leafMs);
}
