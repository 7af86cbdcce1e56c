// How a storage sector is made (section 5, storage), as data: the schedule that src/native carries out and that anyone can
// carry out again. One line of `sealPasses` times n units of 4 KiB, in place: unit t is made from the unit before it, from its
// own old value (t-n) and from three earlier units at distances that neither data nor sector decide, most of them near, some
// far: a depth-robust graph after DRSample (Alwen, Blocki, Harsha 2017), stacked as in Fisch, "Tight Proofs of Space and
// Replication" (2019). Words are scattered on the way, so a unit begins only when its parents are whole.
// Our own parameters and no proof of them (SECURITY.md); docs/STORAGE.md says what attacks were searched, ADR 0009 why.
import { type Bytes, bigEndian, invariant, utf8ToBytes } from "../primitives/index.ts";
import { sha256 } from "./sha256.ts";

export const sealPasses = 160;
/** A unit is a leaf: what a challenge asks for is what the graph counts. */
export const sectorLeafBytes = 4 << 10;
/** Words of 32 bits, little-endian, in a unit. */
export const sealUnitWords = sectorLeafBytes / 4;
/** Earlier units drawn for each, besides the one before and the old value; the last is drawn evenly, the others by scale. */
export const sealPartners = 3;
/** Fewer could not have so many different partners. */
export const sealUnitsMin = 8;

const label = utf8ToBytes("fairmesh/seal/v2");

/** What a sector is made from: an asset and the sector's place in it. */
export const sectorSeed = (assetId: Bytes, sector: number): Bytes => sha256(label, assetId, bigEndian(sector, 4));

/** AES-256 keys of a sector: for the first filling (CTR) and for the line of units (CBC). Both begin at 16 zero bytes. */
export const sealKey = (seed: Bytes, use: "fill" | "chain"): Bytes =>
  sha256(label, seed, bigEndian(use === "fill" ? 0 : 1, 1));

/**
 * Where word i of the xor of a unit's parents goes in the unit's input: (633 i + 1018) mod 1024. Any few neighbouring words of
 * the input come from all over the parents, whichever way a cheater runs through them. The factor is 1024 over the golden
 * ratio. No word of the parents' last AES block lands in the first of the input, where the running chain would cancel it.
 */
export const sealScatter = { factor: 633, start: 1018 } as const;

/** The 32-bit finalizer of MurmurHash3 (Appleby, public domain): spreads counters evenly. Nothing secret rests on it. */
function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Writes into `distances` how far before unit `t` (pass times `units` plus position) its partners lie: different ones from 2 to
 * `units` - 1. All but the last first draw a scale 2^s evenly, then evenly from 2^s up to the next; the last evenly from all.
 */
export function sealDistances(t: number, units: number, distances: Int32Array): void {
  invariant(units >= sealUnitsMin, "a sector has at least eight units", { units });
  const scales = 31 - Math.clz32(units - 1);
  for (let j = 0; j < distances.length; j++) {
    const first = mix(t + Math.imul(j + 1, 0x9e3779b9));
    const low = j === distances.length - 1 ? 2 : 2 << (((first >>> 16) * scales) >>> 16);
    const width = j === distances.length - 1 ? units - 2 : Math.min(low, units - low);
    let distance = low + (mix(first + 0x9e3779b9) % width);
    // The same unit twice would cancel.
    for (let i = 0; i < j; ) {
      if (distances[i] !== distance) i++;
      else {
        distance = distance === units - 1 ? 2 : distance + 1;
        i = 0;
      }
    }
    distances[j] = distance;
  }
}
