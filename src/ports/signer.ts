// Signs with the operator's key. Randomised: two signatures of one root differ (I-6).
import type { Purpose } from "../crypto/index.ts";
import type { AccountId, Bytes, Digest } from "../primitives/index.ts";

export interface Signer {
  readonly accountId: AccountId;
  readonly publicKey: Bytes;
  sign(root: Digest, purpose: Purpose): Promise<Bytes>;
}
