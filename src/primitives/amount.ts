// Money and shares. An amount is in grains (1 FAIR = 10^9 grains); a share is in parts per million (protocol.md, section 0).
import type { Brand } from "./brand.ts";
import { isUint64 } from "./integer.ts";
import { invariant } from "./invariant.ts";
import { err, ok, type Result } from "./result.ts";

export type Grains = Brand<bigint, "Grains">;
export type Ppm = Brand<number, "Ppm">;

export const grainsPerFair = 1_000_000_000n;
export const ppmWhole = 1_000_000;

/** Throws InvariantError outside 0 .. 2^64 - 1: an overflow or an overdraft is never silent. */
export function grains(value: bigint): Grains {
  invariant(isUint64(value), "an amount is from 0 to 2^64 - 1 grains", { value });
  return value as Grains;
}

/** Whole FAIR as grains. */
export const fair = (whole: bigint | number): Grains => grains(BigInt(whole) * grainsPerFair);

export function ppm(value: number): Ppm {
  invariant(Number.isSafeInteger(value) && value >= 0 && value <= ppmWhole, "a share is from 0 to 1000000 ppm", {
    value,
  });
  return value as Ppm;
}

/** `share` ppm of `value`, rounded down; `share` may exceed the whole (a bonus of 1,100,000 ppm). */
export const mulPpm = (value: bigint, share: number): bigint => (value * BigInt(share)) / 1_000_000n;

/** "12.5 FAIR" for 12_500_000_000 grains: exact, without trailing zeros. */
export function formatFair(amount: bigint): string {
  const fraction = (amount % grainsPerFair).toString().padStart(9, "0").replace(/0+$/, "");
  return `${amount / grainsPerFair}${fraction === "" ? "" : `.${fraction}`} FAIR`;
}

/** "1 epoch", "2 epochs": a word whose plural ends in s. */
export const formatCount = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** Reads "12.5" or "12.5 FAIR" (up to nine decimals). */
export function parseFair(text: string): Result<Grains, string> {
  const match = /^(\d{1,11})(?:\.(\d{1,9}))?(?:\s*FAIR)?$/.exec(text.trim());
  if (match === null) return err(`"${text}" is not an amount; write for example 12.5`);
  const value = BigInt(match[1] as string) * grainsPerFair + BigInt((match[2] ?? "").padEnd(9, "0"));
  return isUint64(value) ? ok(value as Grains) : err(`"${text}" is more than there can be`);
}
