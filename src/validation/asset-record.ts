// Records of assets as their owners answer them to whoever found them through the DHT (D-3): believed only when the ledger has
// the asset just so and the owner's signature holds.
import type { Verifier } from "../crypto/index.ts";
import { type AccountId, type Bytes, equalBytes, err, ok, type Result } from "../primitives/index.ts";
import {
  type AssetRecord,
  assetCodec,
  assetRecordCodec,
  assetStatuses,
  signedAssetRecordCodec,
  signingRoot,
} from "../schema/index.ts";
import type { NetworkView } from "./network-view.ts";
import { badSignature, ignore, type Rejection, reject } from "./rejection.ts";

/** A record lasts at most this long: addresses change. */
export const recordEpochsMax = 24;

/** Cheapest first, the signature last. `from` is who answered: only an owner speaks for its assets. */
export async function checkAssetRecord(
  bytes: Bytes,
  from: AccountId,
  { view, verifier }: { readonly view: NetworkView; readonly verifier: Verifier },
): Promise<Result<AssetRecord, Rejection>> {
  const decoded = signedAssetRecordCodec.decode(bytes);
  if (!decoded.ok) return err(reject(decoded.error.code, decoded.error.detail));
  const { record, signature } = decoded.value;
  const { asset, expiresEpoch } = record;
  if (!equalBytes(asset.owner, from)) return err(reject("wrong-owner", "a record of another's asset"));
  if (expiresEpoch < view.epoch()) return err(ignore("expired", `expired with epoch ${expiresEpoch}`));
  if (expiresEpoch > view.epoch() + recordEpochsMax + 1)
    return err(reject("wrong-epoch", `lasts until epoch ${expiresEpoch}`));
  const known = view.asset(asset.id);
  if (known === undefined || assetStatuses[known.status] === "retired")
    return err(ignore("unknown-asset", "an asset that this node's ledger does not have"));
  if (!equalBytes(known.owner, asset.owner)) return err(reject("wrong-owner", "the ledger names another owner"));
  if (!equalBytes(assetCodec.root(known), assetCodec.root(asset)))
    return err(ignore("stale-sequence", "the ledger has the asset otherwise"));
  const publicKey = view.publicKey(from);
  if (publicKey === undefined) return err(ignore("unknown-signer", "an account this node does not know"));
  const root = signingRoot(assetRecordCodec.root(record), view.networkId, "record");
  const right = await verifier.verify({ publicKey, root, purpose: "record", signature });
  return right ? ok(record) : err(badSignature(view, from));
}
