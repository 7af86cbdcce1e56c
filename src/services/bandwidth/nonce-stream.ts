// The bytes that a nonce determines, in chunks: pieces of a pool that is AES-256-CTR keyed by the nonce, each from a place that
// the pool's own words name. Nobody can send them without knowing the nonce; whoever knows it checks every byte as it comes with
// one comparison and no memory but the pool. That chunks overlap in the pool gives nothing away: whoever knows the nonce
// can make all of them, and what crosses a line is encrypted anyway (ADR 13).
import { createCipheriv } from "node:crypto";
import type { Bytes } from "../../primitives/index.ts";

export const chunkBytes = 256 << 10;
/** Places at which a chunk can begin: a power of two. The whole pool fits a processor's cache. */
const places = 1 << 20;
const poolBytes = places + chunkBytes;

const counter = new Uint8Array(16);

export interface NonceStream {
  /** The next chunk: a view that must stay as it is. */
  next(): Bytes;
  /** Whether `chunk` is the next one. */
  matches(chunk: Bytes): boolean;
}

export function nonceStream(nonce: Bytes): NonceStream {
  const pool = createCipheriv("aes-256-ctr", nonce, counter).update(new Uint8Array(poolBytes));
  let index = 0;
  const next = (): Bytes => {
    const place = pool.readUInt32LE((4 * index++) % places) % places;
    return pool.subarray(place, place + chunkBytes);
  };
  return { next, matches: (chunk) => chunk.length === chunkBytes && Buffer.compare(chunk, next()) === 0 };
}
