// Hash chains of the beacon and of auditors: an operator commits to a chain's end and reveals one preimage after another,
// so nobody can choose what he reveals (section 3, Beacon; P-2). Reveal 0 hashes to the end, reveal i + 1 to reveal i.
// Memory stays near 64 bytes times the root of the length: checkpoints, and the one stretch between them last asked for.
import { type Bytes, type Digest, digest, equalBytes, invariant, isUint } from "../primitives/index.ts";
import { sha256 } from "./sha256.ts";

export const chainLengthMax = 1 << 20;

export interface HashChain {
  readonly length: number;
  /** What the operator commits to. */
  readonly end: Digest;
  /** The reveal number `index`, from 0 to length - 1. Asking in order costs one hash each on average. */
  preimage(index: number): Digest;
}

/** Whether `preimage` is what was committed to by `commitment` (the end, or the reveal before it). */
export const isPreimage = (commitment: Digest, preimage: Bytes): boolean => equalBytes(sha256(preimage), commitment);

/** The chain of `length` reveals that starts from 32 secret bytes; hashes `length` times (65,536: about 0.1 s). */
export function createHashChain(start: Bytes, length: number): HashChain {
  invariant(isUint(length, chainLengthMax) && length > 0, "a chain has 1 to 2^20 reveals", { length });
  const stride = Math.ceil(Math.sqrt(length));
  const checkpoints: Digest[] = [];
  let value = digest(start);
  for (let step = 0; step < length; step++) {
    if (step % stride === 0) checkpoints.push(value);
    value = sha256(value);
  }
  let stretch: { readonly at: number; readonly hashes: readonly Digest[] } | undefined;
  const stretchAt = (at: number): readonly Digest[] => {
    if (stretch?.at === at) return stretch.hashes;
    const hashes = [checkpoints[at] as Digest];
    while (hashes.length < stride) hashes.push(sha256(hashes[hashes.length - 1] as Digest));
    stretch = { at, hashes };
    return hashes;
  };
  return {
    length,
    end: value,
    preimage(index) {
      invariant(isUint(index, length - 1), "a chain has a reveal of this number", { index, length });
      const step = length - 1 - index;
      return stretchAt(Math.floor(step / stride))[step % stride] as Digest;
    },
  };
}
