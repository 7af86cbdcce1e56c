// Seeded randomness (sfc32). Each purpose has its own stream, named by a label, so that drawing more for one never changes
// what another draws. Implements the Random port.
import { createHash } from "node:crypto";
import type { Random } from "../../src/ports/index.ts";

export interface SeededRandom extends Random {
  /** True in `ppm` of a million draws. */
  chance(ppm: number): boolean;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
  stream(label: string): SeededRandom;
}

export function seededRandom(seed: string): SeededRandom {
  const digest = createHash("sha256").update(seed).digest();
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => digest.readUInt32LE(at)) as [number, number, number, number];
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  };
  const below = (bound: number): number => Math.floor((next() / 0x1_0000_0000) * bound);
  return {
    below,
    bytes: (length) => Uint8Array.from({ length }, () => next() & 255),
    chance: (ppm) => ppm > 0 && below(1_000_000) < ppm,
    between: (low, high) => low + below(high - low + 1),
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    shuffled(items) {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [copy[i], copy[j]] = [copy[j] as (typeof items)[number], copy[i] as (typeof items)[number]];
      }
      return copy;
    },
    stream: (label) => seededRandom(`${seed}/${label}`),
  };
}
