// What benchmark lines share: alternating rounds of ours and the baseline, the median of each, and the shape of a result.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface BenchResult {
  readonly ours: number;
  readonly baseline: number;
  /** ours / baseline; whether more is better is in `unit`. */
  readonly ratio: number;
  readonly unit: string;
  readonly [detail: string]: unknown;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[half] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}

const rounded = (value: number): number => Number(value.toPrecision(4));

/** Runs both by turns, `rounds` times after one round to warm up; each answers its own figure. */
export async function alternate(
  { ours, baseline }: { readonly ours: () => Promise<number>; readonly baseline: () => Promise<number> },
  { rounds, unit }: { readonly rounds: number; readonly unit: string },
): Promise<BenchResult> {
  const figures = { ours: [] as number[], baseline: [] as number[] };
  await baseline();
  await ours();
  for (let round = 0; round < rounds; round++) {
    // The order changes each round, so that neither always runs on the warmer machine.
    if (round % 2 === 0) figures.baseline.push(await baseline());
    figures.ours.push(await ours());
    if (round % 2 === 1) figures.baseline.push(await baseline());
  }
  const [a, b] = [median(figures.ours), median(figures.baseline)];
  return { ours: rounded(a), baseline: rounded(b), ratio: rounded(a / b), unit, rounds };
}

/** How many times a second `once` runs, with at most `concurrency` of it open, over `total` runs. */
export async function perSecond(
  once: (index: number) => Promise<void>,
  { total, concurrency }: { readonly total: number; readonly concurrency: number },
): Promise<number> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < total) await once(next++);
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: concurrency }, lane));
  return (total * 1000) / (performance.now() - startedMs);
}

/** Milliseconds of the processor that `run` takes, by all threads, collection of garbage included: a busy machine changes them little. */
export function cpuMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** What the process holds in memory, once garbage is gone. Slows down what runs next: compiled code goes, too. */
export function memoryMb(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return Math.round((heapUsed + arrayBuffers) / 2 ** 20);
}
