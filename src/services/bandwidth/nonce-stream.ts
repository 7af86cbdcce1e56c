// The bytes that a nonce determines: AES-256-CTR keyed by it, in chunks that can each be made alone. Nobody can send them
// without knowing the nonce, and whoever knows it can check every byte as it comes, holding one chunk.
import { createCipheriv } from "node:crypto";
import { sha256 } from "../../crypto/index.ts";
import { type Bytes, bigEndian } from "../../primitives/index.ts";

export const chunkBytes = 256 << 10;

const zeros = new Uint8Array(chunkBytes);
const counter = new Uint8Array(16);

export const nonceChunk = (nonce: Bytes, index: number): Bytes =>
  createCipheriv("aes-256-ctr", sha256(nonce, bigEndian(index, 4)), counter).update(zeros);

/** Whether `chunk` is the nonce's at `index`. */
export const isNonceChunk = (chunk: Bytes, nonce: Bytes, index: number): boolean =>
  Buffer.compare(chunk, nonceChunk(nonce, index)) === 0;
