// Proofs from a record, or from its absence, to the root of the state (L-6). The tree from below: 2^16 leaves of a bucket with
// the count beside their root, 4,096 buckets of a space, 16 spaces. Absence is shown by the neighbours between which the key
// would stand: a bucket is sorted, and its count says where it ends. Used by certificates; reads states, never changes one.
import { type Bytes, compareBytes, type Digest, digest, equalBytes } from "../primitives/index.ts";
import {
  type BucketLeaf,
  branchOf,
  hashPair,
  isBranch,
  lengthNode,
  levelsOf,
  nodeBytes,
  type StateProof,
  spacesCount,
} from "../schema/index.ts";
import { type Bucket, bucketDepth, indexIn, keyAt } from "./bucket.ts";
import { bucketBits, bucketOf, bucketsCount, type LedgerState, recordLeaf } from "./state.ts";

const spaceBits = Math.log2(spacesCount);

/** What the state holds under a key: shown by `leaf` and its way up, with the record's own root where the tree has only H. */
export interface ProvedRecord {
  readonly space: number;
  readonly key: Bytes;
}

/**
 * The proof for a key. `recordRoot` answers the SSZ root of a record of that space from its bytes: the tree keeps only the
 * hash of key and root.
 */
export function proveRecord(
  state: LedgerState,
  { space, key }: ProvedRecord,
  recordRoot: (key: Bytes) => Bytes,
): StateProof {
  const { buckets, nodes } = state.spaces[space] as LedgerState["spaces"][number];
  const bucket = buckets[bucketOf(key)] as Bucket;
  const levels = levelsOf(bucket.leaves, bucketDepth);
  const leafAt = (index: number): BucketLeaf => ({
    index,
    key: digest(keyAt(bucket, index).slice()),
    recordRoot: digest(recordRoot(keyAt(bucket, index))),
    siblings: branchOf(levels, index).map((one) => digest(one)),
  });
  const found = indexIn(bucket, key);
  const indexes = found >= 0 ? [found] : [-2 - found, -1 - found].filter((at) => at >= 0 && at < bucket.count);
  return {
    count: bucket.count,
    leaves: indexes.map(leafAt),
    bucketSiblings: heapBranch(nodes, bucketsCount + bucketOf(key)),
    spaceSiblings: spaceBranch(state, space),
  };
}

/** Siblings from node `at` of a heap up to its root at 1. */
function heapBranch(nodes: Bytes, at: number): Digest[] {
  const siblings: Digest[] = [];
  for (let node = at; node > 1; node >>= 1) {
    const sibling = (node ^ 1) * nodeBytes;
    siblings.push(digest(nodes.slice(sibling, sibling + nodeBytes)));
  }
  return siblings;
}

function spaceBranch(state: LedgerState, space: number): Digest[] {
  const roots = new Uint8Array(spacesCount * nodeBytes);
  for (const [index, each] of state.spaces.entries()) {
    roots.set(each.nodes.subarray(nodeBytes, 2 * nodeBytes), index * nodeBytes);
  }
  return branchOf(levelsOf(roots, spaceBits), space).map((one) => digest(one));
}

/** The root of the bucket tree that all leaves of a proof agree on. */
function bucketTree(proof: StateProof): Bytes | undefined {
  let tree: Bytes | undefined;
  for (const { index, key, recordRoot, siblings } of proof.leaves) {
    if (siblings.length !== bucketDepth || index >= proof.count) return undefined;
    const root = climb(recordLeaf(key, recordRoot), siblings, index);
    if (tree !== undefined && !equalBytes(tree, root)) return undefined;
    tree = root;
  }
  return tree;
}

function climb(leaf: Bytes, siblings: readonly Bytes[], index: number): Bytes {
  return siblings.reduce(
    (node, sibling, depth) => ((index >> depth) & 1 ? hashPair(sibling, node) : hashPair(node, sibling)),
    leaf,
  );
}

/** Whether the leaves are the neighbours between which `key` would stand. */
function isGap({ count, leaves }: StateProof, key: Bytes): boolean {
  const [first, second] = leaves;
  if (first === undefined) return count === 0;
  const order = compareBytes(first.key, key);
  if (second !== undefined) return order < 0 && compareBytes(second.key, key) > 0 && second.index === first.index + 1;
  return order < 0 ? first.index === count - 1 : order > 0 && first.index === 0;
}

const emptyTree = levelsOf(new Uint8Array(0), bucketDepth)[bucketDepth] as Bytes;

/**
 * What a proof shows of a key under a state's root: its record's SSZ root, that there is none, or nothing (a wrong proof).
 * Total for any proof that decodes.
 */
export function provedRecord(
  proof: StateProof,
  { space, key }: ProvedRecord,
  root: Bytes,
): { readonly kind: "present"; readonly recordRoot: Bytes } | { readonly kind: "absent" } | undefined {
  const { count, leaves, bucketSiblings, spaceSiblings } = proof;
  const tree = leaves.length === 0 ? emptyTree : bucketTree(proof);
  if (tree === undefined || bucketSiblings.length !== bucketBits || spaceSiblings.length !== spaceBits)
    return undefined;
  const spaceRoot = climb(hashPair(tree, lengthNode(count)), bucketSiblings, bucketOf(key));
  if (!isBranch(spaceRoot, spaceSiblings, space, root)) return undefined;
  const [only, more] = leaves;
  if (only !== undefined && more === undefined && equalBytes(only.key, key)) {
    return { kind: "present", recordRoot: only.recordRoot };
  }
  return isGap(proof, key) ? { kind: "absent" } : undefined;
}
