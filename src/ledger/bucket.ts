// One of the 4,096 parts of a space of the state (L-6): records sorted by key, in a few flat arrays. Buckets are never
// changed once made: a block makes new ones for those it touches, so earlier states stay readable at no cost.
import { type Bytes, compareBytes, invariant } from "../primitives/index.ts";
import { hashLevel, hashPair, lengthNode, nodeBytes, zeroHashes } from "../schema/index.ts";

export const bucketDepth = 16;
export const bucketRecordsMax = 1 << bucketDepth;
/** From so many on a bucket takes no more from transactions: their keys can be chosen. What is left is more than a block adds. */
export const bucketRecordsOfTransactions = bucketRecordsMax - 4096;

export interface Bucket {
  readonly count: number;
  readonly keys: Bytes;
  /** H(key, root of the record), one for each key. */
  readonly leaves: Bytes;
  /** Where each record's bytes begin; one more entry for the end. */
  readonly offsets: Uint32Array;
  readonly bytes: Bytes;
  readonly root: Bytes;
}

/** A record put (with its leaf) or, without bytes, taken away. */
export interface BucketChange {
  readonly key: Bytes;
  readonly leaf: Bytes;
  readonly bytes: Bytes | undefined;
}

const emptyRoot = hashPair(zeroHashes[bucketDepth] as Bytes, lengthNode(0));

export const emptyBucket: Bucket = {
  count: 0,
  keys: new Uint8Array(0),
  leaves: new Uint8Array(0),
  offsets: new Uint32Array(1),
  bytes: new Uint8Array(0),
  root: emptyRoot,
};

export const keyAt = (bucket: Bucket, index: number): Bytes =>
  bucket.keys.subarray(index * nodeBytes, (index + 1) * nodeBytes);
export const bytesAt = (bucket: Bucket, index: number): Bytes =>
  bucket.bytes.subarray(bucket.offsets[index], bucket.offsets[index + 1]);

/** The index of `key`, or -1 minus the index where it would stand. */
export function indexIn(bucket: Bucket, key: Bytes): number {
  let low = 0;
  let high = bucket.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compareBytes(keyAt(bucket, middle), key);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1 - low;
}

/** Records of the old bucket from `from` up to `to` that stay together, or one that is new. */
type Piece = { readonly from: number; readonly to: number } | BucketChange;

/** The bucket after `changes`, which are sorted by key, one a key. Its root is still to be filled by `rootBuckets`. */
export function changeBucket(bucket: Bucket, changes: readonly BucketChange[]): Bucket {
  const pieces: Piece[] = [];
  let at = 0;
  for (const change of changes) {
    const found = indexIn(bucket, change.key);
    const to = found < 0 ? -1 - found : found;
    if (to > at) pieces.push({ from: at, to });
    if (change.bytes !== undefined) pieces.push(change);
    at = found < 0 ? to : found + 1;
  }
  if (bucket.count > at) pieces.push({ from: at, to: bucket.count });
  return assemble(bucket, pieces);
}

function assemble(old: Bucket, pieces: readonly Piece[]): Bucket {
  let count = 0;
  let size = 0;
  for (const piece of pieces) {
    count += "from" in piece ? piece.to - piece.from : 1;
    size += "from" in piece ? (old.offsets[piece.to] as number) - (old.offsets[piece.from] as number) : lengthOf(piece);
  }
  invariant(count <= bucketRecordsMax, "a bucket has at most 65,536 records", { count });
  const next = {
    count,
    keys: new Uint8Array(count * nodeBytes),
    leaves: new Uint8Array(count * nodeBytes),
    offsets: new Uint32Array(count + 1),
    bytes: new Uint8Array(size),
    root: emptyRoot,
  };
  let index = 0;
  for (const piece of pieces) index = place(next, index, "from" in piece ? { old, ...piece } : piece);
  return next;
}

const lengthOf = (change: BucketChange): number => change.bytes?.length ?? 0;

/** Writes a piece at `index`; the index after it. */
function place(
  next: Bucket,
  index: number,
  piece: BucketChange | { readonly old: Bucket; readonly from: number; readonly to: number },
): number {
  const start = next.offsets[index] as number;
  if (!("old" in piece)) {
    next.keys.set(piece.key, index * nodeBytes);
    next.leaves.set(piece.leaf, index * nodeBytes);
    next.bytes.set(piece.bytes as Bytes, start);
    next.offsets[index + 1] = start + lengthOf(piece);
    return index + 1;
  }
  const { old, from, to } = piece;
  const moved = start - (old.offsets[from] as number);
  next.keys.set(old.keys.subarray(from * nodeBytes, to * nodeBytes), index * nodeBytes);
  next.leaves.set(old.leaves.subarray(from * nodeBytes, to * nodeBytes), index * nodeBytes);
  next.bytes.set(old.bytes.subarray(old.offsets[from], old.offsets[to]), start);
  for (let at = from + 1; at <= to; at++) next.offsets[index + at - from] = (old.offsets[at] as number) + moved;
  return index + to - from;
}

/** The same buckets with their roots: all trees are hashed together, level by level. */
export function rootBuckets(buckets: readonly Bucket[]): readonly Bucket[] {
  let levels: Bytes[] = buckets.map((bucket) => (bucket.count === 0 ? (zeroHashes[0] as Bytes) : bucket.leaves));
  let depth = 0;
  while (levels.some((level) => level.length > nodeBytes)) levels = hashTogether(levels, depth++);
  // From here on every tree has one node a level, beside an empty one.
  let tops = new Uint8Array(buckets.length * nodeBytes);
  for (const [index, level] of levels.entries()) tops.set(level, index * nodeBytes);
  for (; depth < bucketDepth; depth++) tops = new Uint8Array(hashLevel(beside(tops, zeroHashes[depth] as Bytes)));
  const mixed = new Uint8Array(buckets.length * 64);
  for (const [index, bucket] of buckets.entries()) {
    mixed.set(tops.subarray(index * nodeBytes, (index + 1) * nodeBytes), index * 64);
    mixed.set(lengthNode(bucket.count), index * 64 + nodeBytes);
  }
  const roots = hashLevel(mixed);
  return buckets.map((bucket, index) => ({ ...bucket, root: roots.slice(index * nodeBytes, (index + 1) * nodeBytes) }));
}

/** Each node with `right` beside it. */
function beside(nodes: Bytes, right: Bytes): Bytes {
  const pairs = new Uint8Array(nodes.length * 2);
  for (let at = 0; at < nodes.length; at += nodeBytes) {
    pairs.set(nodes.subarray(at, at + nodeBytes), at * 2);
    pairs.set(right, at * 2 + nodeBytes);
  }
  return pairs;
}

/** One level up in many trees at once, each padded with the empty root of the depth. */
function hashTogether(levels: readonly Bytes[], depth: number): Bytes[] {
  const sizes = levels.map((level) => Math.ceil(level.length / 64) * 64);
  const input = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const [index, level] of levels.entries()) {
    input.set(level, at);
    if (level.length % 64 !== 0) input.set(zeroHashes[depth] as Bytes, at + level.length);
    at += sizes[index] as number;
  }
  const output = hashLevel(input);
  const next: Bytes[] = [];
  at = 0;
  for (const size of sizes) {
    next.push(output.subarray(at, at + size / 2));
    at += size / 2;
  }
  return next;
}
