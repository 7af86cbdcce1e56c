// Capacity advertisements (D-2).
import { equalBytes } from "../primitives/index.ts";
import { assetStatuses, capacityCodec, type SignedCapacity, signedCapacityCodec } from "../schema/index.ts";
import { ignore, reject } from "./rejection.ts";
import type { SequencedRule } from "./sequenced-validator.ts";

/** An advertisement lasts at most this long, so that what is forgotten cannot come back much later. */
export const capacityEpochsMax = 24;

export const capacityRule: SequencedRule<SignedCapacity> = {
  codec: signedCapacityCodec,
  purpose: "capacity",
  signer: ({ capacity }) => capacity.owner,
  objectRoot: ({ capacity }) => capacityCodec.root(capacity),
  signature: ({ signature }) => signature,
  subject: ({ capacity }) => capacity.assetId,
  seq: ({ capacity }) => capacity.seq,
  perEpochMax: 4,
  rules: [
    ({ capacity }, view) =>
      capacity.expiresEpoch < view.epoch()
        ? ignore("expired", `expired with epoch ${capacity.expiresEpoch}`)
        : undefined,
    // Clocks are blocks: an honest node is at most one epoch ahead of us.
    ({ capacity }, view) =>
      capacity.epoch > view.epoch() + 1 ? ignore("wrong-epoch", `of epoch ${capacity.epoch}`) : undefined,
    ({ capacity }) =>
      capacity.expiresEpoch < capacity.epoch || capacity.expiresEpoch > capacity.epoch + capacityEpochsMax
        ? reject("wrong-epoch", `lasts from ${capacity.epoch} to ${capacity.expiresEpoch}`)
        : undefined,
    ({ capacity }, view) => {
      const asset = view.asset(capacity.assetId);
      if (asset === undefined) return ignore("unknown-asset", "an asset this node does not know");
      if (!equalBytes(asset.owner, capacity.owner)) return reject("wrong-owner", "signed by another than its owner");
      if (assetStatuses[asset.status] === "retired") return ignore("unknown-asset", "a retired asset");
      // Units change: who is a block ahead or behind knows others.
      return capacity.freeUnits > asset.terms.units
        ? ignore("beyond-registered", `${capacity.freeUnits} free of ${asset.terms.units}`)
        : undefined;
    },
  ],
};
