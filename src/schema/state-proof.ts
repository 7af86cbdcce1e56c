// What shows that a record is in the state under a root, or that none is (L-6). Made and checked in ledger/state-proof.ts.
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import { digestType, listOf, uint16Type, uint32Type } from "./basic.ts";
import { codec } from "./codec.ts";

/** A leaf of a bucket: its place, its key, its record's root, and the way up to the bucket's tree. */
const bucketLeafType = new ContainerType({
  index: uint16Type,
  key: digestType,
  recordRoot: digestType,
  siblings: listOf(digestType, 16),
});
const stateProofType = new ContainerType({
  /** Records in the bucket. */
  count: uint32Type,
  /** The record itself; or the neighbours between which it would stand: two, one at an end, none in an empty bucket. */
  leaves: listOf(bucketLeafType, 2),
  bucketSiblings: listOf(digestType, 12),
  spaceSiblings: listOf(digestType, 4),
});

export type BucketLeaf = ValueOf<typeof bucketLeafType>;
export type StateProof = ValueOf<typeof stateProofType>;
export const stateProofCodec = codec("state proof", stateProofType);

export { stateProofType };
