// What tenants and providers of storage say to one another: content-addressed blobs in pieces, each with its way to the
// blob's root, so that neither side ever takes a byte that it cannot check.
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import { countersignedReceiptType } from "./audit.ts";
import { accountIdType, assetIdType, byteList, digestType, listOf, optionalOf, uint64Type, uintType } from "./basic.ts";
import { codec } from "./codec.ts";

/** Bytes of a piece: what a partial read is rounded to. */
export const blobPieceBytes = 256 << 10;
/** Pieces in one question of an upload. */
export const blobPiecesMax = 4;
const pathMax = 32;

/** A blob by its content: its id is this container's root. */
const blobRefType = new ContainerType({
  length: uintType,
  /** Merkle root over its pieces (crypto/merkle.ts). */
  root: digestType,
});
const blobPieceType = new ContainerType({ data: byteList(blobPieceBytes), path: listOf(digestType, pathMax) });
const blobPutType = new ContainerType({
  assetId: assetIdType,
  blob: blobRefType,
  first: uintType,
  pieces: listOf(blobPieceType, blobPiecesMax),
});
/** Pieces from `first` on: the answer is one `blobPiece` a chunk. */
const blobGetType = new ContainerType({ assetId: assetIdType, blobId: digestType, first: uintType, count: uintType });
const blobNameType = new ContainerType({ assetId: assetIdType, blobId: digestType });
/** How much of a blob a provider holds: whole pieces from its start. */
const blobStatusType = new ContainerType({ blob: blobRefType, pieces: uintType });
const blobSpaceType = new ContainerType({
  quotaBytes: uint64Type,
  usedBytes: uint64Type,
  /** The newest receipt between the two: a tenant that lost its own goes on from it. */
  receipt: optionalOf(countersignedReceiptType),
});
/** What either side remembers of a blob. */
const blobRecordType = new ContainerType({
  assetId: assetIdType,
  /** The tenant on the provider's disk, the provider on the tenant's. */
  other: accountIdType,
  blob: blobRefType,
  /** 0 while it is not whole; otherwise 1. */
  whole: uintType,
  /** When it was last written or signed for. */
  epoch: uintType,
});

export type BlobRef = ValueOf<typeof blobRefType>;
export type BlobPiece = ValueOf<typeof blobPieceType>;
export type BlobStatus = ValueOf<typeof blobStatusType>;
export type BlobSpace = ValueOf<typeof blobSpaceType>;
export type BlobRecord = ValueOf<typeof blobRecordType>;

export const blobRefCodec = codec("blob", blobRefType);
export const blobPieceCodec = codec("piece of a blob", blobPieceType);
export const blobPutCodec = codec("blob upload", blobPutType);
export const blobGetCodec = codec("blob read", blobGetType);
export const blobNameCodec = codec("blob name", blobNameType);
export const blobStatusCodec = codec("blob status", blobStatusType);
export const blobSpaceCodec = codec("blob space", blobSpaceType);
export const blobRecordCodec = codec("blob record", blobRecordType);
