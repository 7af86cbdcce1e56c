// What lies between what a cheater of storage keeps and a unit of the final sector: pebbling over the sealing's own schedule
// (src/crypto/sealing.ts), every AES call counted as 1. Xor, reading what is kept and any number of cores are free: more
// generous than any machine. `timesOf` counts whole units and is quick; `wordTimesOf` follows each AES block and shows on small
// sectors that `timesOf` never flatters the sealing.
//
// What can be kept:
// - a unit's encryption, 4 KiB. It gives the unit at once, and the xor of its parents: of those any all but one give the last.
// - chain values inside a unit, 16 bytes each. The chain runs from each in both directions (AES decrypts as fast as it
//   encrypts), so s of them make the unit 2s+1 times as quick.
import { sealDistances, sealPartners, sealPasses, sealScatter, sealUnitWords } from "../../src/crypto/index.ts";

export const blocksPerUnit = sealUnitWords / 4;

export interface Line {
  readonly units: number;
  readonly passes: number;
  /** How many are drawn for each unit; `sealPartners`, but for showing what fewer are worth. */
  readonly partners: number;
}

export const lineOf = (units: number, passes: number = sealPasses, partners: number = sealPartners): Line => ({
  ...{ units, passes, partners },
});

export interface Kept {
  /** Whole units, a byte each by number (pass times units plus position). */
  readonly units?: Uint8Array | undefined;
  /** How many chain values inside a unit. */
  chain?(t: number): number;
}

export const lengthOf = ({ units, passes }: Line): number => units * passes;

export function bytesOf(line: Line, kept: Kept): number {
  let bytes = 0;
  for (let t = 0; t < lengthOf(line); t++) {
    if (kept.units?.[t]) bytes += sealUnitWords * 4;
    else bytes += 16 * (kept.chain?.(t) ?? 0);
  }
  return bytes;
}

/**
 * AES calls one after another that make a unit with so many chain values kept, from whole parents on. A tenth is taken
 * off for starting before the parents are whole: more than `wordTimesOf` finds for the best places of the values.
 */
export const unitCost = (chainValues: number): number =>
  chainValues === 0 ? blocksPerUnit : Math.floor((0.9 * blocksPerUnit) / (2 * chainValues + 1));

/** The parents of unit t: the one before, the old value, the partners. Numbers below 0 are of the first filling, free to all. */
function parentsInto(line: Line, t: number, parents: Int32Array): void {
  if (line.partners > 0) sealDistances(t, line.units, parents.subarray(2));
  for (let j = 2; j < parents.length; j++) parents[j] = t - (parents[j] as number);
  parents[0] = t - 1;
  parents[1] = t - line.units;
}

const timeAt = (times: Float64Array, t: number): number => (t < 0 ? 0 : (times[t] as number));

/** Lowers the parent of a kept unit that the others give; whether one was lowered. */
function derive(times: Float64Array, parents: Int32Array): boolean {
  let last = 0;
  for (let j = 1; j < parents.length; j++)
    if (timeAt(times, parents[j] as number) > timeAt(times, parents[last] as number)) last = j;
  let others = 0;
  for (let j = 0; j < parents.length; j++)
    if (j !== last) others = Math.max(others, timeAt(times, parents[j] as number));
  const target = parents[last] as number;
  if (target < 0 || others >= (times[target] as number)) return false;
  times[target] = others;
  return true;
}

/**
 * AES calls one after another before each unit can be known, whoever computes in whatever order; by number. Exact but for
 * `unitCost`'s margin when it needs no more than `sweepsMax` sweeps, else an upper bound for what kept units give backwards;
 * with 0, they give nothing backwards.
 */
export function timesOf(line: Line, kept: Kept, sweepsMax = 12): Float64Array {
  const times = new Float64Array(lengthOf(line)).fill(Number.POSITIVE_INFINITY);
  const parents = new Int32Array(2 + line.partners);
  for (let sweep = 0, again = true; again && sweep < Math.max(1, sweepsMax); sweep++) {
    again = false;
    for (let t = 0; t < times.length; t++) {
      parentsInto(line, t, parents);
      if (kept.units?.[t]) {
        times[t] = 0;
        if (sweepsMax > 0 && derive(times, parents)) again = true;
        continue;
      }
      let ready = 0;
      for (let j = 0; j < parents.length; j++) ready = Math.max(ready, timeAt(times, parents[j] as number));
      times[t] = Math.min(times[t] as number, ready + unitCost(kept.chain?.(t) ?? 0));
    }
  }
  return times;
}

/** Of the final units that are not kept: the least and the median share of a whole sealing that must be done one after another. */
export function serialLeft(
  line: Line,
  kept: Kept,
  sweepsMax?: number,
): { readonly least: number; readonly median: number } {
  const times = timesOf(line, kept, sweepsMax);
  const whole = times.length * blocksPerUnit;
  const first = times.length - line.units;
  const missing = [...times.subarray(first)].filter((_, i) => !kept.units?.[first + i]).sort((a, b) => a - b);
  return { least: (missing[0] as number) / whole, median: (missing[missing.length >> 1] as number) / whole };
}

/** The share of a whole sealing that all cores together must do to make unit `target` forwards. */
export function totalLeft(line: Line, kept: Kept, target: number): number {
  const needed = new Uint8Array(target + 1);
  needed[target] = 1;
  const parents = new Int32Array(2 + line.partners);
  let units = 0;
  for (let t = target; t >= 0; t--) {
    if (!needed[t] || kept.units?.[t]) continue;
    units++;
    parentsInto(line, t, parents);
    for (const parent of parents) if (parent >= 0) needed[parent] = 1;
  }
  return units / lengthOf(line);
}

/** How a unit reads its parents: as the sealing does, or as earlier drafts did, to see the search find what is wrong with them. */
export type Reading = "scattered" | "reversed" | "straight";

/** For each AES block of the input: which blocks of the parents come into it. */
function sourcesOf(reading: Reading): readonly (readonly number[])[] {
  const sources: number[][] = Array.from({ length: blocksPerUnit }, () => []);
  for (let i = 0; i < sealUnitWords; i++) {
    const scattered = (sealScatter.factor * i + sealScatter.start) % sealUnitWords;
    const to = { scattered, reversed: sealUnitWords - 1 - i, straight: i }[reading];
    sources[to >> 2]?.push(i >> 2);
  }
  return sources;
}

/** When each block of a unit's chain is known: forwards from the block before it, and both ways from the kept ones. */
function chainTimes(inputs: Float64Array, before: number, kept: readonly number[]): Float64Array {
  const times = new Float64Array(inputs.length);
  for (let w = 0, at = before; w < times.length; w++) {
    at = kept.includes(w) ? 0 : Math.max(at, inputs[w] as number) + 1;
    times[w] = at;
  }
  for (let w = times.length - 1, at = Number.POSITIVE_INFINITY; w >= 0; w--) {
    if (kept.includes(w)) at = 0;
    times[w] = Math.min(times[w] as number, at);
    at = Math.max(at, inputs[w] as number) + 1;
  }
  return times;
}

/** `timesOf` block by block, kept units taken as values: when each final unit is whole. `chain` gives the kept blocks of a unit. */
export function wordTimesOf(
  line: Line,
  kept: { readonly units?: Uint8Array; chain?(t: number): readonly number[] },
  reading: Reading = "scattered",
): number[] {
  const sources = sourcesOf(reading);
  const values = Array.from({ length: line.units }, () => new Float64Array(blocksPerUnit));
  const parents = new Int32Array(2 + line.partners);
  let chainEnd = 0;
  for (let t = 0; t < lengthOf(line); t++) {
    const value = values[t % line.units] as Float64Array;
    if (kept.units?.[t]) {
      value.fill(0);
      chainEnd = 0;
      continue;
    }
    parentsInto(line, t, parents);
    const from = [...parents].map((parent) => values[(parent + line.units) % line.units] as Float64Array);
    const inputs = new Float64Array(blocksPerUnit);
    for (const [w, blocks] of sources.entries())
      for (const block of blocks)
        for (const one of from) inputs[w] = Math.max(inputs[w] as number, one[block] as number);
    const chain = chainTimes(inputs, chainEnd, kept.chain?.(t) ?? []);
    for (let w = 0; w < blocksPerUnit; w++) value[w] = Math.max(chain[w] as number, inputs[w] as number);
    chainEnd = chain[blocksPerUnit - 1] as number;
  }
  return values.map((value) => value.reduce((most, time) => Math.max(most, time), 0));
}
