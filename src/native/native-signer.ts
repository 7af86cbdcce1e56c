// Signs with an operator's ML-DSA-65 key by OpenSSL, on the thread pool (about 1 ms a signature). The key enters as its
// 32-byte seed and never leaves. Signatures are randomised (I-6). Deciding what may be signed is the driver's, never ours.
import { sign } from "node:crypto";
import { accountIdOf, type Purpose, signingContext } from "../crypto/index.ts";
import type { Signer } from "../ports/index.ts";
import type { Bytes, Digest } from "../primitives/index.ts";
import { exportPublicKey, importSeed } from "./ml-dsa-key.ts";

/** The Signer of the account whose ML-DSA seed this is (`deriveKey(seed, "account")`). */
export function createNativeSigner(accountSeed: Bytes): Signer {
  const privateKey = importSeed(accountSeed);
  const publicKey = exportPublicKey(privateKey);
  return {
    accountId: accountIdOf(publicKey),
    publicKey,
    sign: (root: Digest, purpose: Purpose) =>
      new Promise<Bytes>((resolve, reject) => {
        const key = { key: privateKey, context: signingContext(purpose) };
        sign(null, root, key as never, (error, signature) => {
          if (error === null) resolve(Uint8Array.from(signature));
          else reject(error);
        });
      }),
  };
}
