// Binary Merkle trees over SHA-256, with leaves and inner nodes hashed apart so that neither passes for the other.
// A tree has 2^depth leaves; missing ones are zero. Used by storage commitments and transcript roots.
import { type Bytes, concatBytes, type Digest, equalBytes, invariant, zeroDigest } from "../primitives/index.ts";
import { sha256 } from "./sha256.ts";

const leafMark = new Uint8Array([0]);
const nodeMark = new Uint8Array([1]);

export const merkleLeaf = (data: Bytes): Digest => sha256(concatBytes(leafMark, data));
export const merkleNode = (left: Digest, right: Digest): Digest => sha256(concatBytes(nodeMark, left, right));

/** How many levels stand above `count` leaves. */
export const merkleDepth = (count: number): number => (count <= 1 ? 0 : Math.ceil(Math.log2(count)));

/** Nodes of each level of a tree over `leaves` leaves, the leaves first. */
export function merkleLevelSizes(leaves: number): readonly number[] {
  const sizes = [leaves];
  for (let depth = merkleDepth(leaves); depth > 0; depth--) sizes.push(Math.ceil((sizes.at(-1) as number) / 2));
  return sizes;
}

/** Every level of the tree over `leaves`, the leaves first, the root last. */
export function merkleLevels(leaves: readonly Digest[]): readonly (readonly Digest[])[] {
  invariant(leaves.length > 0, "a tree has a leaf");
  const levels: (readonly Digest[])[] = [leaves];
  for (let depth = merkleDepth(leaves.length); depth > 0; depth--) {
    const below = levels.at(-1) as readonly Digest[];
    const level: Digest[] = [];
    for (let i = 0; i < below.length; i += 2) level.push(merkleNode(below[i] as Digest, below[i + 1] ?? zeroDigest));
    levels.push(level);
  }
  return levels;
}

export const merkleRoot = (leaves: readonly Digest[]): Digest => merkleLevels(leaves).at(-1)?.[0] as Digest;

/** The siblings from the leaf at `index` up to the root. */
export const merklePath = (levels: readonly (readonly Digest[])[], index: number): readonly Digest[] =>
  levels.slice(0, -1).map((level, depth) => level[(index >> depth) ^ 1] ?? zeroDigest);

/** Whether `leaf` stands at `index` under `root`. The path's length must be the tree's depth: the caller knows it. */
export function verifyMerklePath(
  leaf: Digest,
  path: readonly Digest[],
  at: { readonly index: number; readonly depth: number; readonly root: Digest },
): boolean {
  if (path.length !== at.depth || at.index < 0 || at.index >= 2 ** at.depth) return false;
  let node = leaf;
  let index = at.index;
  for (const sibling of path) {
    node = index % 2 === 1 ? merkleNode(sibling, node) : merkleNode(node, sibling);
    index = Math.floor(index / 2);
  }
  return equalBytes(node, at.root);
}
