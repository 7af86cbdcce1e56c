// ML-DSA-65 keys and signatures in plain JavaScript (@noble/post-quantum), for browsers, for tests against the native ones,
// and to derive a public key where the runtime has no ML-DSA. About twenty times slower than src/native, and not audited.
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import type { Bytes, Digest } from "../primitives/index.ts";
import { type Purpose, signingContext } from "./purpose.ts";

export interface PortableKey {
  readonly publicKey: Bytes;
  /** FIPS 204's expanded secret key, 4,032 bytes. */
  readonly secretKey: Bytes;
}

/** The key that FIPS 204 makes of 32 secret bytes (ML-DSA.KeyGen_internal). */
export const portableKey = (seed: Bytes): PortableKey => ml_dsa65.keygen(seed);

/** Signs a signing root for a purpose (I-2); `entropy`, 32 random bytes, hedges the signature (I-6). */
export const signPortably = (
  key: PortableKey,
  message: { readonly root: Digest; readonly purpose: Purpose },
  entropy: Bytes,
): Bytes =>
  ml_dsa65.sign(message.root, key.secretKey, { context: signingContext(message.purpose), extraEntropy: entropy });
