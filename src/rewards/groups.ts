// The groups that an asset shares with others because an identity cannot copy them: network prefix, cell at the
// resolution of the location check, cell at resolution 7. And how much weight a group may count.
import { type Bytes, bigEndian, type Cell, type Digest, digest, maxBigint, mulPpm } from "../primitives/index.ts";
import { weightPerUnit } from "./work.ts";

export const groupPrefix = 0;
export const groupRegion = 1;
export const groupCell = 2;
export const groupsCount = 3;

/** The parent of an H3 cell at a coarser resolution, by its bits: the digits beyond it are set to 7. */
export function coarserCell(cell: bigint, resolution: number): Cell {
  const finer = BigInt(3 * (15 - resolution));
  const digits = (1n << finer) - 1n;
  const cleared = cell & ~(0xfn << 52n);
  return (cleared | (BigInt(resolution) << 52n) | digits) as Cell;
}

/** A prefix's five bytes as a number. */
export const prefixNumber = (prefix: Bytes): bigint => {
  let value = 0n;
  for (const byte of prefix) value = (value << 8n) | BigInt(byte);
  return value;
};

/** The key of a group as records and explanations show it. */
export const groupDigest = (key: bigint): Digest => digest(bigEndian(key, 32));

/** The keys of an asset's groups, in the order of their numbers; undefined where a rule is off. */
export const groupKeys = (
  at: { readonly cell: bigint; readonly prefix: Bytes },
  rules: { readonly prefixRules: number; readonly locationResolution: number },
): readonly (bigint | undefined)[] => [
  rules.prefixRules === 1 ? prefixNumber(at.prefix) : undefined,
  coarserCell(at.cell, rules.locationResolution),
  at.cell,
];

/**
 * how much of what a reserve releases goes to a place. Nothing while its averaged use, with headroom, is within its averaged
 * capacity; all of it once everything is used; between these in proportion, so that no use tips a place over an edge.
 */
export function releasedTo(
  average: { readonly demand: bigint; readonly supply: bigint } | undefined,
  rules: { readonly capHeadroomPpm: number },
  release: bigint,
): bigint {
  if (average === undefined) return 0n;
  const headroom = BigInt(rules.capHeadroomPpm);
  const beyond = average.demand * (1_000_000n + headroom) - average.supply * 1_000_000n;
  if (beyond <= 0n) return 0n;
  const whole = average.supply * headroom;
  return beyond < whole ? (release * beyond) / whole : release;
}

/** C of R-3, in weight units: averaged demand with headroom, not below the minimum, as concentration scales it. */
export const capOf = (
  demand: bigint,
  rules: { readonly capHeadroomPpm: number; readonly capMinimumUnits: number },
  capScalePpm: number,
): bigint =>
  maxBigint(
    1n,
    mulPpm(
      maxBigint(mulPpm(demand, 1_000_000 + rules.capHeadroomPpm), BigInt(rules.capMinimumUnits) * weightPerUnit),
      capScalePpm,
    ),
  );
