// The sealing written a second time, as plainly as can be: every unit of the line one after another, none overwritten, AES block
// by block without a chaining mode. What src/native makes must be its last pass; a cheater's leftovers are taken from it.
import { createCipheriv } from "node:crypto";
import {
  sealDistances,
  sealKey,
  sealPartners,
  sealPasses,
  sealScatter,
  sectorLeafBytes,
} from "../../src/crypto/index.ts";
import type { Bytes } from "../../src/primitives/index.ts";

const words = sectorLeafBytes / 4;

export interface PlainLine {
  readonly values: readonly Uint32Array[];
  /** What the chain gave for each unit; a value is this xor its input. */
  readonly chains: readonly Uint32Array[];
}

/** The first filling. */
export function plainFill(seed: Bytes, units: number): readonly Uint32Array[] {
  const fill = createCipheriv("aes-256-ctr", sealKey(seed, "fill"), new Uint8Array(16));
  const bytes = fill.update(new Uint8Array(units * sectorLeafBytes));
  return Array.from({ length: units }, (_, unit) =>
    Uint32Array.from({ length: words }, (_, i) => bytes.readUInt32LE(unit * sectorLeafBytes + 4 * i)),
  );
}

/** What goes into unit t: its parents' xor, each word sent to its place. `valueAt` knows every earlier value. */
export function plainInput(t: number, units: number, valueAt: (t: number) => Uint32Array): Uint32Array {
  const distances = new Int32Array(sealPartners);
  sealDistances(t, units, distances);
  const parents = [1, units, ...distances].map((distance) => valueAt(t - distance));
  const input = new Uint32Array(words);
  for (let i = 0; i < words; i++) {
    const xor = parents.reduce((sum, parent) => sum ^ (parent[i] as number), 0);
    input[(sealScatter.start + i * sealScatter.factor) % words] = xor;
  }
  return input;
}

/** One AES block of four words, as bytes and back. */
export function inBlock(of: ArrayLike<number>, at: number, run: (block: Buffer) => Buffer): readonly number[] {
  const block = Buffer.alloc(16);
  for (let i = 0; i < 4; i++) block.writeUInt32LE((of[at + i] as number) >>> 0, 4 * i);
  const made = run(block);
  return [0, 1, 2, 3].map((i) => made.readUInt32LE(4 * i));
}

export const xorWords = (a: ArrayLike<number>, b: ArrayLike<number>): number[] =>
  Array.from(a, (word, i) => (word ^ (b[i] as number)) >>> 0);

export function plainLine(seed: Bytes, units: number): PlainLine {
  const fill = plainFill(seed, units);
  const [values, chains]: [Uint32Array[], Uint32Array[]] = [[], []];
  const valueAt = (t: number): Uint32Array => (t < 0 ? fill[t + units] : values[t]) as Uint32Array;
  const aes = createCipheriv("aes-256-ecb", sealKey(seed, "chain"), null).setAutoPadding(false);
  let before: readonly number[] = [0, 0, 0, 0];
  for (let t = 0; t < units * sealPasses; t++) {
    const input = plainInput(t, units, valueAt);
    const chain = new Uint32Array(words);
    for (let at = 0; at < words; at += 4) {
      before = inBlock(xorWords(input.subarray(at, at + 4), before), 0, (block) => aes.update(block));
      chain.set(before, at);
    }
    chains.push(chain);
    values.push(Uint32Array.from(xorWords(input, chain)));
  }
  return { values, chains };
}
