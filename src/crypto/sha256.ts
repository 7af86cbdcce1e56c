// H, the protocol's hash (section 0). Portable; bulk data on a server goes through src/native.
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concatBytes, type Digest, digest } from "../primitives/index.ts";

/** H of the concatenation of `parts`. */
export const sha256 = (...parts: readonly Bytes[]): Digest =>
  digest(nobleSha256(parts.length === 1 ? (parts[0] as Bytes) : concatBytes(...parts)));
