// The bytes that a nonce determines: AES-256-CTR keyed by it, from the first on. Nobody can send them without knowing the
// nonce, and whoever knows it can check every byte as it comes, holding one chunk. One cipher makes a whole stream, a piece
// at a time that the processor's cache holds: a cipher for each chunk, and chunks made at once, took twice as long.
import { createCipheriv } from "node:crypto";
import type { Bytes } from "../../primitives/index.ts";

export const chunkBytes = 256 << 10;
const pieceBytes = 64 << 10;

const zeros = new Uint8Array(pieceBytes);
const counter = new Uint8Array(16);

export interface NonceStream {
  /** The next chunk. */
  next(): Bytes;
  /** Whether `chunk` is the next one. */
  matches(chunk: Bytes): boolean;
}

export function nonceStream(nonce: Bytes): NonceStream {
  const cipher = createCipheriv("aes-256-ctr", nonce, counter);
  return {
    next() {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      for (let at = 0; at < chunkBytes; at += pieceBytes) chunk.set(cipher.update(zeros), at);
      return chunk;
    },
    matches(chunk) {
      if (chunk.length !== chunkBytes) return false;
      for (let at = 0; at < chunkBytes; at += pieceBytes) {
        if (Buffer.compare(chunk.subarray(at, at + pieceBytes), cipher.update(zeros)) !== 0) return false;
      }
      return true;
    },
  };
}
