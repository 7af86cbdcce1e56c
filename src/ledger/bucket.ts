// One of the 4,096 parts of a space of the state (L-6): records sorted by key, in a few flat arrays. Buckets are never
// changed once made: a block makes new ones for those it touches, so earlier states stay readable at no cost.
import { type Bytes, compareBytes, invariant } from "../primitives/index.ts";
import { hashLevel, hashPair, lengthNode, nodeBytes, zeroHashes } from "../schema/index.ts";

export const bucketDepth = 16;
export const bucketRecordsMax = 1 << bucketDepth;

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
export const leafAt = (bucket: Bucket, index: number): Bytes =>
  bucket.leaves.subarray(index * nodeBytes, (index + 1) * nodeBytes);

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

/** The bucket after `changes`, which are sorted by key, one a key. Its root is still to be filled by `rootBuckets`. */
export function changeBucket(bucket: Bucket, changes: readonly BucketChange[]): Bucket {
  const kept: { from: Bucket | undefined; index: number; change: BucketChange | undefined }[] = [];
  let at = 0;
  for (const change of changes) {
    while (at < bucket.count && compareBytes(keyAt(bucket, at), change.key) < 0) {
      kept.push({ from: bucket, index: at++, change: undefined });
    }
    if (at < bucket.count && compareBytes(keyAt(bucket, at), change.key) === 0) at++;
    if (change.bytes !== undefined) kept.push({ from: undefined, index: 0, change });
  }
  while (at < bucket.count) kept.push({ from: bucket, index: at++, change: undefined });
  return assemble(kept);
}

function assemble(
  entries: readonly { from: Bucket | undefined; index: number; change: BucketChange | undefined }[],
): Bucket {
  invariant(entries.length <= bucketRecordsMax, "a bucket has at most 65,536 records", { count: entries.length });
  const parts = entries.map(({ from, index, change }) =>
    from === undefined ? (change?.bytes as Bytes) : bytesAt(from, index),
  );
  const offsets = new Uint32Array(entries.length + 1);
  for (const [index, part] of parts.entries()) offsets[index + 1] = (offsets[index] as number) + part.length;
  const bytes = new Uint8Array(offsets[entries.length] as number);
  const keys = new Uint8Array(entries.length * nodeBytes);
  const leaves = new Uint8Array(entries.length * nodeBytes);
  for (const [index, { from, index: old, change }] of entries.entries()) {
    bytes.set(parts[index] as Bytes, offsets[index]);
    keys.set(from === undefined ? (change?.key as Bytes) : keyAt(from, old), index * nodeBytes);
    leaves.set(from === undefined ? (change?.leaf as Bytes) : leafAt(from, old), index * nodeBytes);
  }
  return { count: entries.length, keys, leaves, offsets, bytes, root: emptyRoot };
}

/** The same buckets with their roots: all trees are hashed together, level by level. */
export function rootBuckets(buckets: readonly Bucket[]): readonly Bucket[] {
  let levels: Bytes[] = buckets.map((bucket) => (bucket.count === 0 ? (zeroHashes[0] as Bytes) : bucket.leaves));
  for (let depth = 0; depth < bucketDepth; depth++) levels = hashTogether(levels, depth);
  const mixed = new Uint8Array(buckets.length * 64);
  for (const [index, bucket] of buckets.entries()) {
    mixed.set(levels[index] as Bytes, index * 64);
    mixed.set(lengthNode(bucket.count), index * 64 + nodeBytes);
  }
  const roots = hashLevel(mixed);
  return buckets.map((bucket, index) => ({ ...bucket, root: roots.slice(index * nodeBytes, (index + 1) * nodeBytes) }));
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
