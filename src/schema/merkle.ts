// Binary Merkle trees over 32-byte nodes in flat arrays, hashed a level at a time so that a batching hasher is used well.
// For the state tree, the reward table and proofs of both; SSZ values are hashed by their codecs. Never keeps a tree.
import { hashInto } from "@chainsafe/persistent-merkle-tree";
import { type Bytes, equalBytes, invariant } from "../primitives/index.ts";

export const nodeBytes = 32;

const makeZeroHashes = (): readonly Bytes[] => {
  const hashes: Bytes[] = [new Uint8Array(nodeBytes)];
  for (let depth = 1; depth < 64; depth++)
    hashes.push(hashPair(hashes[depth - 1] as Bytes, hashes[depth - 1] as Bytes));
  return hashes;
};

export function hashPair(left: Bytes, right: Bytes): Bytes {
  const input = new Uint8Array(64);
  input.set(left, 0);
  input.set(right, nodeBytes);
  const output = new Uint8Array(nodeBytes);
  hashInto(input, output);
  return output;
}

/** The parents of an even number of nodes. */
export function hashLevel(nodes: Bytes): Bytes {
  const output = new Uint8Array(nodes.length / 2);
  if (nodes.length > 0) hashInto(nodes, output);
  return output;
}

/** Roots of empty trees by depth. */
export const zeroHashes: readonly Bytes[] = makeZeroHashes();

export const lengthNode = (length: number): Bytes => {
  const node = new Uint8Array(nodeBytes);
  new DataView(node.buffer).setBigUint64(0, BigInt(length), true);
  return node;
};

/** Levels from the leaves up, each padded to an even count with the empty root of its depth, `depth` + 1 of them. */
export function levelsOf(leaves: Bytes, depth: number): readonly Bytes[] {
  invariant(leaves.length / nodeBytes <= 2 ** depth, "leaves fit the tree's depth", {
    leaves: leaves.length / 32,
    depth,
  });
  const levels: Bytes[] = [];
  let level = leaves.length === 0 ? (zeroHashes[0] as Bytes) : leaves;
  for (let at = 0; at < depth; at++) {
    const padded = padEven(level, at);
    levels.push(padded);
    level = hashLevel(padded);
  }
  levels.push(level);
  return levels;
}

function padEven(level: Bytes, depth: number): Bytes {
  if ((level.length / nodeBytes) % 2 === 0) return level;
  const padded = new Uint8Array(level.length + nodeBytes);
  padded.set(level);
  padded.set(zeroHashes[depth] as Bytes, level.length);
  return padded;
}

/** The siblings on the way from leaf `index` up to the root. */
export const branchOf = (levels: readonly Bytes[], index: number): readonly Bytes[] =>
  levels.slice(0, -1).map((level, depth) => {
    const at = ((index >> depth) ^ 1) * nodeBytes;
    return at < level.length ? level.slice(at, at + nodeBytes) : (zeroHashes[depth] as Bytes);
  });

/** Whether `leaf` stands at `index` under `root`; the branch's length is the tree's depth. */
export function isBranch(leaf: Bytes, branch: readonly Bytes[], index: number, root: Bytes): boolean {
  if (index < 0 || index >= 2 ** branch.length) return false;
  let node = leaf;
  let rest = index;
  for (const sibling of branch) {
    node = rest % 2 === 1 ? hashPair(sibling, node) : hashPair(node, sibling);
    rest = Math.floor(rest / 2);
  }
  return equalBytes(node, root);
}
