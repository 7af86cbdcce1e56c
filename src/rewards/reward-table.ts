// The reward table's root, made page by page so that no single block hashes all of it, and branches into it.
// A page is 4,096 leaves. Equal to the SSZ root of the list of leaves; never keeps the leaves themselves.
import { type Bytes, type Digest, digest } from "../primitives/index.ts";
import { branchOf, hashLevel, hashPair, lengthNode, levelsOf, nodeBytes, type RewardLeaf } from "../schema/index.ts";

const tableDepth = 22;
const pageDepth = 12;
const pageLeaves = 1 << pageDepth;
const leafChunks = 8;
const leafBytes = leafChunks * nodeBytes;

function writeNumber(view: DataView, at: number, value: bigint): void {
  view.setBigUint64(at, value & 0xffff_ffff_ffff_ffffn, true);
  view.setBigUint64(at + 8, value >> 64n, true);
}

/** A leaf's eight chunks at `at`, as SSZ merkleizes a container. */
function writeLeaf(into: Bytes, view: DataView, at: number, leaf: RewardLeaf): void {
  into.set(leaf.assetId, at);
  into.set(leaf.owner, at + 32);
  into.set(leaf.beneficiary, at + 64);
  writeNumber(view, at + 96, leaf.cappedWeight);
  writeNumber(view, at + 128, leaf.coverage);
  writeNumber(view, at + 160, leaf.reward);
  into.set(leaf.explanationRoot, at + 192);
}

function rootsOfChunks(chunks: Bytes): Bytes {
  let level = chunks;
  for (let count = leafChunks; count > 1; count /= 2) level = hashLevel(level);
  return level;
}

/** SSZ roots of leaves, all hashed together. */
function leafRoots(leaves: readonly RewardLeaf[]): Bytes {
  const chunks = new Uint8Array(leaves.length * leafBytes);
  const view = new DataView(chunks.buffer);
  for (const [index, leaf] of leaves.entries()) writeLeaf(chunks, view, index * leafBytes, leaf);
  return rootsOfChunks(chunks);
}

export interface TableRoot {
  add(leaf: RewardLeaf): void;
  root(): Digest;
}

/** Takes leaves in order and answers the table's root. */
export function createTableRoot(): TableRoot {
  const pages: Bytes[] = [];
  const page = new Uint8Array(pageLeaves * leafBytes);
  const view = new DataView(page.buffer);
  let count = 0;
  const closePage = (leaves: number): void => {
    pages.push(levelsOf(rootsOfChunks(page.subarray(0, leaves * leafBytes)), pageDepth)[pageDepth] as Bytes);
  };
  return {
    add(leaf) {
      writeLeaf(page, view, (count % pageLeaves) * leafBytes, leaf);
      count++;
      if (count % pageLeaves === 0) closePage(pageLeaves);
    },
    root() {
      if (count % pageLeaves > 0) closePage(count % pageLeaves);
      return digest(hashPair(rootOfPages(pages), lengthNode(count)));
    },
  };
}

function rootOfPages(pages: readonly Bytes[]): Bytes {
  // An empty page's root stands for the pages that are not there, so the levels above must be padded with its parents.
  let level = pages.slice();
  let empty = levelsOf(new Uint8Array(0), pageDepth)[pageDepth] as Bytes;
  if (level.length === 0) level = [empty];
  for (let depth = pageDepth; depth < tableDepth; depth++) {
    const next: Bytes[] = [];
    for (let at = 0; at < level.length; at += 2) next.push(hashPair(level[at] as Bytes, level[at + 1] ?? empty));
    empty = hashPair(empty, empty);
    level = next;
  }
  return level[0] as Bytes;
}

export interface TableBranches {
  /** The way from leaf `index` to the table's root, the list's length last: 23 nodes. */
  branch(index: number): readonly Digest[];
}

/** The tree over a whole table, for any number of branches. */
export function createTableBranches(leaves: readonly RewardLeaf[]): TableBranches {
  const levels = levelsOf(leafRoots(leaves), tableDepth);
  return {
    branch: (index) => [...branchOf(levels, index), lengthNode(leaves.length)].map((node) => digest(node)),
  };
}
