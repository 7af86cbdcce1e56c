// Signatures for simulations: a keyed hash in a signature's length, "verified" with the public key alone. They bind root,
// purpose and key and are randomised like ML-DSA's; anyone could forge them, and simulated nodes agree not to.
import { hash } from "node:crypto";
import type { SignatureCheck, Verifier } from "../../src/crypto/index.ts";
import type { Signer } from "../../src/ports/index.ts";
import { accountId, type Bytes, equalBytes } from "../../src/primitives/index.ts";
import { publicKeyBytes, signatureBytes } from "../../src/schema/index.ts";

const digestOf = (...parts: readonly Uint8Array[]): Bytes =>
  new Uint8Array(hash("sha256", Buffer.concat(parts as Uint8Array[]), "buffer"));

function signatureOf(publicKey: Bytes, root: Bytes, purposeAndNonce: { purpose: string; nonce: Bytes }): Bytes {
  const signature = new Uint8Array(signatureBytes);
  const { purpose, nonce } = purposeAndNonce;
  signature.set(digestOf(publicKey.subarray(0, 32), root, Buffer.from(purpose), nonce), 0);
  signature.set(nonce, 32);
  return signature;
}

/** A signer whose key is drawn from `label`. */
export function cheapSigner(label: string): Signer {
  const publicKey = new Uint8Array(publicKeyBytes);
  publicKey.set(digestOf(Buffer.from(`key ${label}`)), 0);
  let count = 0;
  return {
    accountId: accountId(digestOf(publicKey)),
    publicKey,
    async sign(root, purpose) {
      const nonce = new Uint8Array(8);
      new DataView(nonce.buffer).setUint32(0, ++count);
      return signatureOf(publicKey, root, { purpose, nonce });
    },
  };
}

export const cheapVerifier: Verifier = {
  name: "simulated",
  async verify({ publicKey, root, purpose, signature }: SignatureCheck) {
    if (publicKey.length !== publicKeyBytes || signature.length !== signatureBytes) return false;
    return equalBytes(signature, signatureOf(publicKey, root, { purpose, nonce: signature.subarray(32, 40) }));
  },
};
