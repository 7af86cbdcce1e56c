// The portable ML-DSA-65 verifier, by @noble/post-quantum: for browsers and light clients, and the second implementation
// against which the native one is tested (I-5). Runs on the calling thread: about 3 ms a signature.
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { signingContext } from "./purpose.ts";
import type { SignatureCheck, Verifier } from "./verifier.ts";

const lengths = { publicKey: 1952, signature: 3309 } as const;

/** Whether the signature is right (FIPS 204, algorithm 3). Wrong lengths and forms are false, never an exception. */
export const verifyPortably = (check: SignatureCheck): boolean =>
  check.publicKey.length === lengths.publicKey &&
  check.signature.length === lengths.signature &&
  ml_dsa65.verify(check.signature, check.root, check.publicKey, { context: signingContext(check.purpose) });

/** A Verifier for runtimes without native ML-DSA. */
export const createPortableVerifier = (): Verifier => ({
  name: "portable",
  verify: async (check) => verifyPortably(check),
});
