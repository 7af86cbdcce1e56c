// Headers and blocks (L-1). What consensus calls a block's digest is the root of its header: everything else hangs on it.
// A digest does not contain the view, so that a later leader can propose the same bytes again (S-10).
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import type { Digest } from "../primitives/index.ts";
import { digestType, listOf, networkIdType, optionalOf, uint16Type, uintType } from "./basic.ts";
import { codec } from "./codec.ts";
import { blockBytesMax, certificateType } from "./consensus.ts";
import { transactionType, witnessType } from "./transaction.ts";

export const transactionsPerBlockMax = 4096;

const headerType = new ContainerType({
  version: uint16Type,
  networkId: networkIdType,
  height: uintType,
  epoch: uintType,
  term: uintType,
  parent: digestType,
  timestampMs: uintType,
  /** The seat, in this term's committee, that first proposed these bytes. */
  proposer: uint16Type,
  beaconReveal: digestType,
  transactionsRoot: digestType,
  witnessRoot: digestType,
  stateRoot: digestType,
  /** Zero but in the block where an epoch's settlement stands. */
  epochRecordRoot: digestType,
});
const transactionsType = listOf(transactionType, transactionsPerBlockMax);
const blockWitnessType = new ContainerType({
  transactions: listOf(witnessType, transactionsPerBlockMax),
  /** In about one block in 32, the parent's certificate: who is seen to take part. */
  parentCertificate: optionalOf(certificateType),
});
const blockType = new ContainerType({
  header: headerType,
  transactions: transactionsType,
  witness: blockWitnessType,
});

export type Header = ValueOf<typeof headerType>;
export type BlockWitness = ValueOf<typeof blockWitnessType>;
export type Block = ValueOf<typeof blockType>;

export const headerCodec = codec("header", headerType);
export const transactionsCodec = codec("transactions", transactionsType, blockBytesMax);
export const blockWitnessCodec = codec("block witness", blockWitnessType, blockBytesMax);
export const blockCodec = codec("block", blockType, blockBytesMax);

/** The digest that consensus votes on. */
export const blockDigest = (header: Header): Digest => headerCodec.root(header);

export { headerType };
