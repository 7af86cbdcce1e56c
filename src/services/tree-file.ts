// A Merkle tree (crypto/merkle.ts) in a file: the leaves, then every level above them, so that a path is a read a level and
// never the whole tree. Used for sealed sectors and for blobs.
import { merkleLevelSizes, merkleLevels } from "../crypto/index.ts";
import type { Volume } from "../ports/index.ts";
import { type Bytes, concatBytes, type Digest, digest, zeroDigest } from "../primitives/index.ts";

const writeBytes = 1 << 20;

/** Bytes of a whole tree's file. */
export const treeBytes = (leaves: number): number => merkleLevelSizes(leaves).reduce((sum, size) => sum + size, 0) * 32;

export const digestsOf = (bytes: Bytes): readonly Digest[] =>
  Array.from({ length: bytes.length / 32 }, (_, i) => digest(bytes.slice(i * 32, (i + 1) * 32)));

/** Writes `bytes` in pieces and waits until they are on the disk. */
export async function writeWhole(volume: Volume, file: string, bytes: Bytes): Promise<void> {
  for (let at = 0; at < bytes.length; at += writeBytes)
    await volume.write(file, at, bytes.subarray(at, at + writeBytes));
  await volume.sync(file);
}

/** Writes the tree over `leaves` and answers its root when it is on the disk. */
export async function writeTree(volume: Volume, file: string, leaves: readonly Digest[]): Promise<Digest> {
  const levels = merkleLevels(leaves);
  await writeWhole(volume, file, concatBytes(...levels.map((level) => concatBytes(...level))));
  return levels.at(-1)?.[0] as Digest;
}

export const readNode = async (volume: Volume, file: string, index: number): Promise<Digest> =>
  digest(await volume.read(file, index * 32, 32));

/** The root of a tree's file: its last node. */
export const readRoot = (volume: Volume, file: string, leaves: number): Promise<Digest> =>
  readNode(volume, file, treeBytes(leaves) / 32 - 1);

/** The siblings from the leaf at `index` up to the root. */
export async function readPath(
  volume: Volume,
  file: string,
  at: { readonly leaves: number; readonly index: number },
): Promise<readonly Digest[]> {
  const path: Digest[] = [];
  let from = 0;
  for (const [depth, size] of merkleLevelSizes(at.leaves).slice(0, -1).entries()) {
    const sibling = Math.floor(at.index / 2 ** depth) ^ 1;
    path.push(sibling < size ? await readNode(volume, file, from + sibling) : zeroDigest);
    from += size;
  }
  return path;
}
