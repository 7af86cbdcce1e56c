// A blob's pieces: how many there are, how long each is, and whether one is what the blob's root says. Used by both sides.
import { merkleDepth, merkleLeaf, verifyMerklePath } from "../../crypto/index.ts";
import { type Digest, digest } from "../../primitives/index.ts";
import { type BlobPiece, type BlobRef, blobPieceBytes, blobRefCodec } from "../../schema/index.ts";

/** The longest blob: 2^20 pieces. */
export const blobBytesMax = blobPieceBytes * 2 ** 20;

/** The name of a blob: what its content determines. */
export const blobIdOf = (blob: BlobRef): Digest => blobRefCodec.root(blob);

export const pieceCount = ({ length }: BlobRef): number => Math.ceil(length / blobPieceBytes);

export const pieceLength = (blob: BlobRef, index: number): number =>
  Math.min(blobPieceBytes, blob.length - index * blobPieceBytes);

/** Whether `piece` is the blob's piece at `index`. */
export function isPieceOf(blob: BlobRef, index: number, { data, path }: BlobPiece): boolean {
  const count = pieceCount(blob);
  if (index >= count || data.length !== pieceLength(blob, index)) return false;
  return verifyMerklePath(merkleLeaf(data), path, { index, depth: merkleDepth(count), root: digest(blob.root) });
}
