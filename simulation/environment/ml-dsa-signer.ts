// Real ML-DSA-65 for simulations: OpenSSL's, called synchronously, so that no promise settles but from the scheduler.
// Signing is randomised and still two runs of a seed are equal: nothing that happens depends on a signature's bytes.
import { type KeyObject, sign, verify } from "node:crypto";
import { accountIdOf, sha256, signingContext, type Verifier } from "../../src/crypto/index.ts";
import { exportPublicKey, importPublicKey, importSeed } from "../../src/native/index.ts";
import type { Signer } from "../../src/ports/index.ts";
import { keyOf, utf8ToBytes } from "../../src/primitives/index.ts";
import { publicKeyBytes, signatureBytes } from "../../src/schema/index.ts";

/** A signer whose key is drawn from `label`. */
export function mlDsaSigner(label: string): Signer {
  const key = importSeed(sha256(utf8ToBytes(`key ${label}`)));
  const publicKey = exportPublicKey(key);
  return {
    accountId: accountIdOf(publicKey),
    publicKey,
    sign: async (root, purpose) =>
      Uint8Array.from(sign(null, root, { key, context: signingContext(purpose) } as never)),
  };
}

export function mlDsaVerifier(): Verifier {
  const keys = new Map<string, KeyObject>();
  return {
    name: "native",
    async verify({ publicKey, root, purpose, signature }) {
      if (publicKey.length !== publicKeyBytes || signature.length !== signatureBytes) return false;
      const name = keyOf(publicKey.subarray(0, 32));
      const key = keys.get(name) ?? importPublicKey(publicKey);
      keys.set(name, key);
      return verify(null, root, { key, context: signingContext(purpose) } as never, signature);
    },
  };
}
