// The bytes that a nonce determines: ChaCha20 keyed by it, in chunks that can each be made alone. Nobody can send them
// without knowing the nonce, and whoever knows it can check every byte as it comes, holding one chunk.
import { chacha20 } from "@noble/ciphers/chacha.js";
import { sha256 } from "../../crypto/index.ts";
import { type Bytes, bigEndian } from "../../primitives/index.ts";

export const chunkBytes = 256 << 10;

const zeros = new Uint8Array(chunkBytes);

export const nonceChunk = (nonce: Bytes, index: number): Bytes =>
  chacha20(sha256(nonce, bigEndian(index, 4)), new Uint8Array(12), zeros);
