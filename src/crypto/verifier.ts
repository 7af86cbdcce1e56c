// What a verifier is asked, and what it answers. Implementations: portable (this folder) and native (src/native);
// both accept and refuse exactly the same (I-5). Pure folders never verify: they say which checks their caller owes.
import type { Bytes, Digest } from "../primitives/index.ts";
import type { Purpose } from "./purpose.ts";

export const mlDsaPublicKeyBytes = 1952;
export const mlDsaSignatureBytes = 3309;

export interface SignatureCheck {
  /** ML-DSA-65, 1,952 bytes. */
  readonly publicKey: Bytes;
  /** What was signed: a `signingRoot`. */
  readonly root: Digest;
  readonly purpose: Purpose;
  readonly signature: Bytes;
}

/** A check beneath signing domains: what the vectors of FIPS 204 are made of. The protocol asks by SignatureCheck only. */
export interface MessageCheck {
  readonly publicKey: Bytes;
  readonly message: Bytes;
  /** FIPS 204 context string, at most 255 bytes. */
  readonly context: Bytes;
  readonly signature: Bytes;
}

export interface Verifier {
  readonly name: "native" | "portable" | "simulated";
  /** False for a wrong signature and for a key or signature of a wrong length or form; rejects only when closed. */
  verify(check: SignatureCheck): Promise<boolean>;
}
