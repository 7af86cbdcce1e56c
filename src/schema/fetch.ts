// Questions that a peer answers from what it has (docs/NETWORK.md, "Protocols"). Each question is small and of
// bounded answer; what is answered is checked by whoever asked.
import { ByteVectorType, ContainerType, type ValueOf } from "@chainsafe/ssz";
import { type Bytes, equalBytes, utf8ToBytes } from "../primitives/index.ts";
import {
  accountIdType,
  assetIdType,
  digestType,
  listOf,
  optionalOf,
  publicKeyType,
  uint16Type,
  uint32Type,
  uintType,
} from "./basic.ts";
import { codec } from "./codec.ts";
import { committeeType, postingType } from "./epoch.ts";
import { anchorType, handOverType, sealType } from "./reward-certificate.ts";

/** Blocks, or finalizations, of heights from `fromHeight` up. */
const rangeRequestType = new ContainerType({ fromHeight: uintType, count: uint16Type });
export const rangeCountMax = 256;

/** Chunks (state-chunk.ts) of the state after the block at `height`, from the chunk `fromIndex` on. */
const stateChunksRequestType = new ContainerType({ height: uintType, fromIndex: uint32Type });

/**
 * The end of a term whose state the peer serves, proved from a term's last block or, without one, from genesis: the answer is
 * a `termProof`, and then a hand-over a chunk for every second term between.
 */
const termProofRequestType = new ContainerType({ checkpoint: optionalOf(digestType) });
const termProofType = new ContainerType({
  anchor: optionalOf(anchorType),
  committee: committeeType,
  seal: sealType,
});

/** Public keys by their ids; what the peer lacks is left out. */
export const keysAtOnceMax = 256;
const keysRequestType = new ContainerType({ ids: listOf(digestType, keysAtOnceMax) });
const keysType = new ContainerType({ keys: listOf(publicKeyType, keysAtOnceMax) });

/** What a settled epoch changes, in the order of its list, from number `fromIndex` on. */
export const postingsInChunkMax = 1024;
const postingsRequestType = new ContainerType({ epoch: uintType, fromIndex: uint32Type });
const postingsChunkType = new ContainerType({ postings: listOf(postingType, postingsInChunkMax) });

/** In the place of what was asked for: it is not kept any more (L-9), and the peer has what is from this height on. */
const prunedType = new ContainerType({ mark: new ByteVectorType(8), fromHeight: uintType });

/** The records of one asset, or of all that the peer serves. */
const assetRecordRequestType = new ContainerType({ assetId: optionalOf(assetIdType) });
export const assetRecordsMax = 64;
/** What an auditor keeps of an asset's challenge in an epoch (P-3). */
const transcriptRequestType = new ContainerType({
  epoch: uintType,
  assetId: assetIdType,
  auditor: accountIdType,
  position: uint16Type,
});

export type TermProofRequest = ValueOf<typeof termProofRequestType>;
export type KeysRequest = ValueOf<typeof keysRequestType>;
export type PostingsRequest = ValueOf<typeof postingsRequestType>;
export type RangeRequest = ValueOf<typeof rangeRequestType>;
export type StateChunksRequest = ValueOf<typeof stateChunksRequestType>;
export type AssetRecordRequest = ValueOf<typeof assetRecordRequestType>;
export type TranscriptRequest = ValueOf<typeof transcriptRequestType>;

export const rangeRequestCodec = codec("range request", rangeRequestType);
export const stateChunksRequestCodec = codec("state chunks request", stateChunksRequestType);
export const assetRecordRequestCodec = codec("asset record request", assetRecordRequestType);
export const transcriptRequestCodec = codec("transcript request", transcriptRequestType);
export const termProofRequestCodec = codec("term proof request", termProofRequestType);
export const termProofCodec = codec("term proof", termProofType);
export const handOverCodec = codec("hand-over", handOverType);
export const keysRequestCodec = codec("keys request", keysRequestType);
export const keysCodec = codec("keys", keysType);
export const postingsRequestCodec = codec("postings request", postingsRequestType);
export const postingsChunkCodec = codec("postings", postingsChunkType);

const prunedMark = utf8ToBytes("pruned\0\0");
const prunedCodec = codec("pruned", prunedType);

export const encodePruned = (fromHeight: number): Bytes => prunedCodec.encode({ mark: prunedMark, fromHeight });

/** The height from which on a peer keeps what was asked for, when it says so: no block and no certificate is that short. */
export function prunedBelow(bytes: Bytes): number | undefined {
  const decoded = prunedCodec.decode(bytes);
  return decoded.ok && equalBytes(decoded.value.mark, prunedMark) ? decoded.value.fromHeight : undefined;
}
