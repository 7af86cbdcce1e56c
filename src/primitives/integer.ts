// Bounded whole numbers. Heights, views and epochs are plain numbers up to 2^53 - 1; amounts and weights are bigint.
import { invariant } from "./invariant.ts";

export const uint64Max = (1n << 64n) - 1n;
export const uint128Max = (1n << 128n) - 1n;

export const isUint = (value: unknown, max: number = Number.MAX_SAFE_INTEGER): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max;

export const isUint64 = (value: unknown): value is bigint =>
  typeof value === "bigint" && value >= 0n && value <= uint64Max;

/** `value` within `low..high`. */
export const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

export const minBigint = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const maxBigint = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** The whole part of a / b, for b > 0 and a >= 0. */
export function floorDiv(a: bigint, b: bigint): bigint {
  invariant(b > 0n && a >= 0n, "floorDiv takes a >= 0 and b > 0", { a, b });
  return a / b;
}

/** The whole part of the square root of a non-negative integer. */
export function integerSqrt(value: bigint): bigint {
  invariant(value >= 0n, "integerSqrt takes a non-negative integer", { value });
  if (value < 2n) return value;
  let x = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (x + value / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}
