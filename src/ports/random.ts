// Randomness for nonces, shuffles and back-off. Never an input of consensus.
import type { Bytes } from "../primitives/index.ts";

export interface Random {
  bytes(length: number): Bytes;
  /** A whole number, evenly from 0 to `bound` - 1; `bound` is from 1 to 2^32. */
  below(bound: number): number;
}
