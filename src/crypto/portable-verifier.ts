// The portable ML-DSA-65 verifier, by @noble/post-quantum: for browsers and light clients, and the second implementation
// against which the native one is tested (I-5). Runs on the calling thread: 3 to 5 ms a signature.
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { signingContext } from "./purpose.ts";
import {
  type MessageCheck,
  mlDsaPublicKeyBytes,
  mlDsaSignatureBytes,
  type SignatureCheck,
  type Verifier,
} from "./verifier.ts";

/** Whether any message's signature is right (FIPS 204, algorithm 3). Wrong lengths and forms are false, never thrown. */
export const verifyMessagePortably = ({ publicKey, message, context, signature }: MessageCheck): boolean =>
  publicKey.length === mlDsaPublicKeyBytes &&
  signature.length === mlDsaSignatureBytes &&
  context.length <= 255 &&
  ml_dsa65.verify(signature, message, publicKey, { context });

/** Whether the signature of a signing root is right (I-2): the synchronous form of a Verifier. */
export const verifyPortably = ({ publicKey, root, purpose, signature }: SignatureCheck): boolean =>
  verifyMessagePortably({ publicKey, message: root, context: signingContext(purpose), signature });

/** A Verifier for runtimes without native ML-DSA. */
export const createPortableVerifier = (): Verifier => ({
  name: "portable",
  verify: (check) => Promise.resolve(verifyPortably(check)),
});
