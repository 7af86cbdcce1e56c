// The whole state at one block, as an immutable value (L-6): spaces of 4,096 buckets under one SSZ root. Applying a block's
// changes gives another state that shares what did not change; keeping an old one is how unfinal blocks and the frozen
// inputs of a settlement stay readable. Reads are synchronous. Never decodes records and never touches a disk.
import { type Bytes, compareBytes, type Digest, digest, sortedEntries } from "../primitives/index.ts";
import { hashLevel, hashPair, nodeBytes, spacesCount } from "../schema/index.ts";
import {
  type Bucket,
  type BucketChange,
  bucketRecordsOfTransactions,
  bytesAt,
  changeBucket,
  emptyBucket,
  indexIn,
  keyAt,
  rootBuckets,
} from "./bucket.ts";

export const bucketBits = 12;
export const bucketsCount = 1 << bucketBits;

interface Space {
  readonly buckets: readonly Bucket[];
  /** Nodes of the tree over bucket roots as a heap: the root at 1, bucket b at 4096 + b. */
  readonly nodes: Bytes;
  readonly count: number;
}

/** A record put or, without bytes, taken away. `recordRoot` is the SSZ root of the record; unused when taken away. */
export interface StateChange {
  readonly space: number;
  readonly key: Bytes;
  readonly bytes: Bytes | undefined;
  readonly recordRoot: Bytes;
}

export interface LedgerState {
  readonly spaces: readonly Space[];
  readonly root: Digest;
}

/** A bucket is named by the first 12 bits of a key. */
export const bucketOf = (key: Bytes): number => ((key[0] as number) << 4) | ((key[1] as number) >> 4);

function emptySpace(): Space {
  const nodes = new Uint8Array(bucketsCount * 2 * nodeBytes);
  for (let at = bucketsCount; at < bucketsCount * 2; at++) nodes.set(emptyBucket.root, at * nodeBytes);
  for (let width = bucketsCount; width > 1; width /= 2) {
    nodes.set(hashLevel(nodes.subarray(width * nodeBytes, width * 2 * nodeBytes)), (width / 2) * nodeBytes);
  }
  return { buckets: new Array<Bucket>(bucketsCount).fill(emptyBucket), nodes, count: 0 };
}

/** One leaf a space, each the hash of its bucket tree's root. */
export function spacesRoot(spaces: readonly Space[]): Digest {
  let level = new Uint8Array(spacesCount * nodeBytes);
  for (const [index, space] of spaces.entries()) level.set(space.nodes.subarray(nodeBytes, 64), index * nodeBytes);
  while (level.length > nodeBytes) level = new Uint8Array(hashLevel(level));
  return digest(level);
}

const empty = emptySpace();
const emptySpaces: readonly Space[] = new Array<Space>(spacesCount).fill(empty);
export const emptyState: LedgerState = { spaces: emptySpaces, root: spacesRoot(emptySpaces) };

/** The record's bytes, or undefined. */
export function readState(state: LedgerState, space: number, key: Bytes): Bytes | undefined {
  const bucket = (state.spaces[space] as Space).buckets[bucketOf(key)] as Bucket;
  const index = indexIn(bucket, key);
  return index < 0 ? undefined : bytesAt(bucket, index);
}

/** Whether transactions may add a record under `key`: its bucket is not nearly full. */
export const hasRoom = (state: LedgerState, space: number, key: Bytes): boolean =>
  ((state.spaces[space] as Space).buckets[bucketOf(key)] as Bucket).count < bucketRecordsOfTransactions;

/** Every record of a space, or those with a key above `after`, ascending by key. */
export function* recordsOf(
  state: LedgerState,
  space: number,
  after?: Bytes,
): Generator<readonly [key: Bytes, bytes: Bytes]> {
  const { buckets } = state.spaces[space] as Space;
  const first = after === undefined ? 0 : bucketOf(after);
  for (let at = first; at < bucketsCount; at++) {
    const bucket = buckets[at] as Bucket;
    const found = at > first || after === undefined ? -1 : indexIn(bucket, after);
    for (let index = found < 0 ? -1 - found : found + 1; index < bucket.count; index++)
      yield [keyAt(bucket, index), bytesAt(bucket, index)];
  }
}

export const recordsCount = (state: LedgerState, space: number): number => (state.spaces[space] as Space).count;

/** The state after `changes` (one a key, in any order) with its root. */
export function applyChanges(state: LedgerState, changes: readonly StateChange[]): LedgerState {
  if (changes.length === 0) return state;
  const leaves = leavesOf(changes);
  const bySpace = new Map<number, Map<number, BucketChange[]>>();
  for (const [index, change] of changes.entries()) {
    const buckets = bySpace.get(change.space) ?? new Map<number, BucketChange[]>();
    bySpace.set(change.space, buckets);
    const at = bucketOf(change.key);
    const list = buckets.get(at) ?? [];
    buckets.set(at, list);
    const leaf = leaves.subarray(index * nodeBytes, (index + 1) * nodeBytes);
    list.push({ key: change.key, leaf, bytes: change.bytes });
  }
  const spaces = state.spaces.map((space, index) => {
    const buckets = bySpace.get(index);
    return buckets === undefined ? space : changeSpace(space, buckets);
  });
  return { spaces, root: spacesRoot(spaces) };
}

function leavesOf(changes: readonly StateChange[]): Bytes {
  const input = new Uint8Array(changes.length * 64);
  for (const [index, change] of changes.entries()) {
    input.set(change.key, index * 64);
    if (change.bytes !== undefined) input.set(change.recordRoot, index * 64 + nodeBytes);
  }
  return hashLevel(input);
}

function changeSpace(space: Space, byBucket: ReadonlyMap<number, BucketChange[]>): Space {
  const touched = sortedEntries(byBucket).map(([at]) => at);
  const changed = touched.map((at) => {
    const list = (byBucket.get(at) as BucketChange[]).sort((a, b) => compareBytes(a.key, b.key));
    return changeBucket(space.buckets[at] as Bucket, list);
  });
  const buckets = space.buckets.slice();
  let count = space.count;
  const nodes = space.nodes.slice();
  for (const [index, bucket] of rootBuckets(changed).entries()) {
    const at = touched[index] as number;
    count += bucket.count - (buckets[at] as Bucket).count;
    buckets[at] = bucket;
    nodes.set(bucket.root, (bucketsCount + at) * nodeBytes);
  }
  hashUpwards(nodes, touched);
  return { buckets, nodes, count };
}

/** Hashes again every node above the buckets touched, a level at a time. */
function hashUpwards(nodes: Uint8Array, touched: readonly number[]): void {
  let current = touched.map((at) => bucketsCount + at);
  while ((current[0] as number) > 1) {
    const parents: number[] = [];
    for (const at of current) if (parents[parents.length - 1] !== at >> 1) parents.push(at >> 1);
    const input = new Uint8Array(parents.length * 64);
    for (const [index, parent] of parents.entries()) {
      input.set(nodes.subarray(parent * 64, parent * 64 + 64), index * 64);
    }
    const output = hashLevel(input);
    for (const [index, parent] of parents.entries()) {
      nodes.set(output.subarray(index * nodeBytes, (index + 1) * nodeBytes), parent * nodeBytes);
    }
    current = parents;
  }
}

/** The leaf of a record: what a proof starts from. */
export const recordLeaf = (key: Bytes, recordRoot: Bytes): Bytes => hashPair(key, recordRoot);
