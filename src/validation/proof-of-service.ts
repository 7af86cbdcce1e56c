// Gossiped proofs of service (P-4): for watchers and for the prover's reputation; money follows the claim on the ledger.
import { bigEndian, concatBytes, equalBytes } from "../primitives/index.ts";
import { proofOfServiceCodec, type SignedProofOfService, signedProofOfServiceCodec } from "../schema/index.ts";
import { ignore, reject } from "./rejection.ts";
import type { SequencedRule } from "./sequenced-validator.ts";

/** How many epochs back a proof still interests anyone: the one being settled and the one before. */
const proofEpochsBack = 2;

export const proofOfServiceRule: SequencedRule<SignedProofOfService> = {
  codec: signedProofOfServiceCodec,
  purpose: "proof",
  signer: ({ proof }) => proof.owner,
  objectRoot: ({ proof }) => proofOfServiceCodec.root(proof),
  signature: ({ signature }) => signature,
  subject: ({ proof }) => concatBytes(proof.assetId, bigEndian(proof.epoch)),
  seq: ({ proof }) => proof.seq,
  perEpochMax: 4,
  rules: [
    ({ proof }, view) =>
      proof.epoch > view.epoch() || proof.epoch + proofEpochsBack < view.epoch()
        ? ignore("wrong-epoch", `of epoch ${proof.epoch}, now is ${view.epoch()}`)
        : undefined,
    ({ proof }, view) => {
      const asset = view.asset(proof.assetId);
      if (asset === undefined) return ignore("unknown-asset", "an asset this node does not know");
      return equalBytes(asset.owner, proof.owner)
        ? undefined
        : reject("wrong-owner", "signed by another than its owner");
    },
  ],
};
