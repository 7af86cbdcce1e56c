// Chooses the verifier: native where the runtime has ML-DSA, else the portable one. The choice shows in `.name`,
// in `fairmesh doctor` and in the log line of a start.
import { createPortableVerifier, type Verifier } from "../crypto/index.ts";
import { hasNativeMlDsa } from "./ml-dsa-key.ts";
import { createNativeVerifier, type NativeVerifierOptions } from "./native-verifier.ts";

export const createVerifier = (options: NativeVerifierOptions = {}): Verifier =>
  hasNativeMlDsa() ? createNativeVerifier(options) : createPortableVerifier();
