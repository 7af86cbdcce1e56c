// How a storage sector is made (section 5, storage), as data: the schedule that src/native carries out and that anyone can
// carry out again. Twenty-four passes over blocks of 64 KiB, in place: each block becomes the double AES-CBC encryption of
// (the block before it xor an earlier-drawn block, known without the data, xor its own old value). The second encryption
// starts from the first one's last bytes, so every byte of a block depends on all of its input.
// Our own construction; no proof is claimed (SECURITY.md).
import { type Bytes, bigEndian, fromBigEndian, invariant, utf8ToBytes } from "../primitives/index.ts";
import { sha256 } from "./sha256.ts";

export const sealPasses = 24;
export const sealBlockBytes = 64 << 10;
export const sectorLeafBytes = 4 << 10;

const label = utf8ToBytes("fairmesh/seal/v1");

/** What a sector is made from: an asset and the sector's place in it. */
export const sectorSeed = (assetId: Bytes, sector: number): Bytes => sha256(label, assetId, bigEndian(sector, 4));

/** AES-256 keys of a sector: for the first filling (`pass` -1) and for both encryptions of each pass. */
export const sealKey = (seed: Bytes, pass: number, half: 0 | 1): Bytes =>
  sha256(label, seed, bigEndian(pass + 1, 4), bigEndian(half, 1));

/** The initialisation vector of a block's first encryption in a pass. */
export const sealIv = (seed: Bytes, pass: number, block: number): Bytes =>
  sha256(seed, bigEndian(pass, 4), bigEndian(block, 4)).subarray(0, 16);

/**
 * Which other block is mixed into `block` in a pass: drawn evenly, independent of the data and the sector. Never the block
 * before it, which is mixed in already: the two would cancel and cut the chain, so that a pass could be made in parts.
 */
export function sealPartner(pass: number, block: number, blocks: number): number {
  invariant(blocks >= 3, "a sector has at least three blocks", { blocks });
  const drawn = fromBigEndian(sha256(label, bigEndian(pass, 4), bigEndian(block, 4)).subarray(0, 8));
  return (block + 1 + Number(drawn % BigInt(blocks - 2))) % blocks;
}
