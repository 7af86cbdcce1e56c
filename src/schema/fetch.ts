// Questions that a peer answers from what it has (docs/NETWORK.md, "Protocols"). Each question is small and of
// bounded answer; what is answered is checked by whoever asked.
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import { accountIdType, assetIdType, optionalOf, uint16Type, uint32Type, uintType } from "./basic.ts";
import { codec } from "./codec.ts";

/** Blocks, or finalizations, of heights from `fromHeight` up. */
const rangeRequestType = new ContainerType({ fromHeight: uintType, count: uint16Type });
export const rangeCountMax = 256;

/** Chunks (state-chunk.ts) of the state after the block at `height`, from the chunk `fromIndex` on. */
const stateChunksRequestType = new ContainerType({ height: uintType, fromIndex: uint32Type });

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

export type RangeRequest = ValueOf<typeof rangeRequestType>;
export type StateChunksRequest = ValueOf<typeof stateChunksRequestType>;
export type AssetRecordRequest = ValueOf<typeof assetRecordRequestType>;
export type TranscriptRequest = ValueOf<typeof transcriptRequestType>;

export const rangeRequestCodec = codec("range request", rangeRequestType);
export const stateChunksRequestCodec = codec("state chunks request", stateChunksRequestType);
export const assetRecordRequestCodec = codec("asset record request", assetRecordRequestType);
export const transcriptRequestCodec = codec("transcript request", transcriptRequestType);
