// Whether a signed binding holds for the peer that sent it (I-3), cheap checks first, the two signatures last.
import { publicKeyFromMultihash } from "@libp2p/crypto/keys";
import type { PeerId } from "@libp2p/interface";
import { peerIdFromMultihash } from "@libp2p/peer-id";
import * as Digest from "multiformats/hashes/digest";
import { accountIdOf, sha256, type Verifier } from "../crypto/index.ts";
import {
  type AccountId,
  type Bytes,
  equalBytes,
  err,
  keyOf,
  type NetworkId,
  ok,
  type Result,
} from "../primitives/index.ts";
import { bindingCodec, signedBindingCodec, signingRoot } from "../schema/index.ts";

export interface Bound {
  readonly account: AccountId;
  readonly peer: PeerId;
  readonly seq: number;
  readonly expiresEpoch: number;
  readonly keyId: Bytes;
  /** False: the ledger here does not have this key for the account, and may only be behind. */
  readonly proved: boolean;
}

export type BindingFault = "malformed" | "wrong-account" | "wrong-peer" | "stale" | "expired" | "bad-signature";

export interface BindingCheck {
  /** As the connection's handshake authenticated it. */
  readonly peer: PeerId;
  readonly networkId: NetworkId;
  readonly verifier: Verifier;
  readonly epoch: number;
  readonly seqMin: (account: AccountId) => number;
  readonly keyIds: (account: AccountId) => readonly Bytes[];
  /** Whether a key may be in force that the ledger here does not have yet. */
  readonly mayLackKeys: boolean;
  /** What the very same bytes, by their hash, were found to be before. */
  readonly verified: (account: AccountId, hash: string) => Bound | undefined;
}

/** Whether a key is one of an account's, by the ids that the ledger has for it; without any, the account's own hash says. */
export const isKeyOf = (keyId: Bytes, account: AccountId, keyIds: readonly Bytes[]): boolean =>
  (keyIds.length === 0 ? [account] : keyIds).some((one) => equalBytes(one, keyId));

export async function checkBinding(bytes: Bytes, check: BindingCheck): Promise<Result<Bound, BindingFault>> {
  const { peer, networkId, verifier, epoch } = check;
  const decoded = signedBindingCodec.decode(bytes);
  if (!decoded.ok) return err("malformed");
  const { binding, accountSignature, peerSignature } = decoded.value;
  const { accountId, publicKey, seq, expiresEpoch } = binding;
  const keyId = accountIdOf(publicKey);
  // A key hashes to its account, until it was replaced on the ledger (I-4, I-7); a node that is behind has not seen that.
  const proved = isKeyOf(keyId, accountId, check.keyIds(accountId));
  if (!proved && !check.mayLackKeys) return err("wrong-account");
  if (!equalBytes(binding.peerId, peer.toMultihash().bytes)) return err("wrong-peer");
  if (seq < check.seqMin(accountId)) return err("stale");
  if (expiresEpoch < epoch) return err("expired");
  const before = check.verified(accountId, keyOf(sha256(bytes)));
  if (before !== undefined) return ok(before);
  const root = signingRoot(bindingCodec.root(binding), networkId, "binding");
  const peerPublicKey = peer.publicKey ?? publicKeyFromMultihash(Digest.decode(binding.peerId) as never);
  if (!(await peerPublicKey.verify(root, peerSignature))) return err("bad-signature");
  const signature = accountSignature;
  if (!(await verifier.verify({ publicKey, root, purpose: "binding", signature }))) return err("bad-signature");
  return ok({ account: accountId, peer, seq, expiresEpoch, keyId, proved });
}

/** The peer that an account's record names, for dialling. */
export const peerIdFromBytes = (multihash: Bytes): PeerId => peerIdFromMultihash(Digest.decode(multihash) as never);
