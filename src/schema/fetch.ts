// Questions that a peer answers from what it has (docs/NETWORK.md, "Protocols"), and what a chunk of state looks like. Each
// question is small and of bounded answer; what is answered is checked by whoever asked.
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import {
  accountIdType,
  assetIdType,
  byteList,
  digestType,
  listOf,
  optionalOf,
  uint8Type,
  uint16Type,
  uintType,
} from "./basic.ts";
import { codec } from "./codec.ts";

/** Blocks, or finalizations, of heights from `fromHeight` up. */
const rangeRequestType = new ContainerType({ fromHeight: uintType, count: uint16Type });
export const rangeCountMax = 256;

/** The records of one bucket of a table (L-6) as of a height that the peer still keeps. */
const stateChunkRequestType = new ContainerType({ height: uintType, table: uint8Type, bucket: uint16Type });
export const stateChunkBytesMax = 1 << 20;
const stateRowType = new ContainerType({ key: digestType, record: byteList(1 << 16) });
const stateChunkType = new ContainerType({
  table: uint8Type,
  bucket: uint16Type,
  /** Ordered by key. A bucket too long for one chunk goes on in the next. */
  rows: listOf(stateRowType, 1 << 16),
});

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
export type StateChunkRequest = ValueOf<typeof stateChunkRequestType>;
export type StateChunk = ValueOf<typeof stateChunkType>;
export type AssetRecordRequest = ValueOf<typeof assetRecordRequestType>;
export type TranscriptRequest = ValueOf<typeof transcriptRequestType>;

export const rangeRequestCodec = codec("range request", rangeRequestType);
export const stateChunkRequestCodec = codec("state chunk request", stateChunkRequestType);
export const stateChunkCodec = codec("state chunk", stateChunkType, stateChunkBytesMax);
export const assetRecordRequestCodec = codec("asset record request", assetRecordRequestType);
export const transcriptRequestCodec = codec("transcript request", transcriptRequestType);
