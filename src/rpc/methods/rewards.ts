// reward_* and concentration_*: who earned what, why, and how evenly.
import { z } from "zod";
import { FairmeshError } from "../../primitives/index.ts";
import type { EpochRecord } from "../../schema/index.ts";
import { method } from "../method.ts";
import { page } from "../page.ts";
import { found, RpcError } from "../rpc-error.ts";
import * as shapes from "../shapes.ts";
import { assetIdParam, cursorParam, epochParam, limitParam, readAssetId, readDigest } from "../wire.ts";

const startParam = z
  .union([z.enum(["near", "genesis"]), z.string().regex(/^0x[0-9a-f]{64}$/, "0x and 64 hex digits")])
  .default("near")
  .describe("where its chain of committees begins: near, genesis, or the digest of a term's last block");

function concentrationOf({ epoch, concentration }: EpochRecord) {
  const [rewardsByOperator, rewardsByGroup, bondsByOperator, bondsByGroup] = concentration;
  return { epoch, rewardsByOperator, rewardsByGroup, bondsByOperator, bondsByGroup };
}

export const rewardMethods = [
  method({
    name: "reward_getEpoch",
    summary: "The record of a settled epoch.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ epoch: epochParam }),
    result: ["epoch record", shapes.epochRecord],
    example: { epoch: "$settled" },
    run: (node, { epoch }) => found(node.epochRecord(epoch), `record of epoch ${epoch}`, "epoch-not-settled"),
  }),
  method({
    name: "reward_list",
    summary: "The reward table of a settled epoch, by asset id.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ epoch: epochParam, limit: limitParam, cursor: cursorParam }),
    result: ["page of rewards", shapes.pageOf(shapes.reward)],
    example: { epoch: "$settled" },
    run: (node, { epoch, limit, cursor }) =>
      page(
        cursor,
        limit,
        async (after, count) =>
          found(await node.rewards(epoch, after, count), `reward table of epoch ${epoch}`, "epoch-not-settled"),
        (leaf) => leaf.assetId,
      ),
  }),
  method({
    name: "reward_explain",
    summary: "Why an asset earned what it did: every factor, by the code that decided.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ epoch: epochParam, asset: assetIdParam }),
    result: ["explanation", shapes.explanation],
    example: { epoch: "$settled", asset: "$asset" },
    run: (node, { epoch, asset }) =>
      found(node.explanation(epoch, readAssetId(asset)), "reward of this asset in that epoch", "reward-not-found"),
  }),
  method({
    name: "reward_getCertificate",
    summary: "The file that proves a reward offline: for `fairmesh verify`.",
    scope: "read",
    stability: "beta",
    params: z.strictObject({ epoch: epochParam, asset: assetIdParam, from: startParam }),
    result: ["certificate file", z.strictObject({ certificate: shapes.hex })],
    example: { epoch: "$settled", asset: "$asset" },
    run: async (node, { epoch, asset, from }) => {
      const start = from === "near" || from === "genesis" ? from : readDigest(from);
      try {
        return { certificate: await node.rewardCertificate(epoch, readAssetId(asset), start) };
      } catch (error) {
        if (!(error instanceof FairmeshError) || error.code !== "CERTIFICATE_MISSING") throw error;
        throw new RpcError("notFound", error.message, { reason: error.fields.reason });
      }
    },
  }),
  method({
    name: "concentration_get",
    summary: "How concentrated rewards and bonds were in an epoch (R-10).",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ epoch: epochParam }),
    result: ["concentration", shapes.concentrations],
    example: { epoch: "$settled" },
    run: (node, { epoch }) =>
      concentrationOf(found(node.epochRecord(epoch), `record of epoch ${epoch}`, "epoch-not-settled")),
  }),
  method({
    name: "concentration_history",
    summary: "Concentration over settled epochs, the oldest first.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({
      fromEpoch: epochParam.default(0),
      limit: limitParam,
    }),
    result: ["concentration by epoch", shapes.listOf(shapes.concentrations)],
    example: { fromEpoch: 0, limit: 10 },
    run: (node, { fromEpoch, limit }) => node.epochRecords(fromEpoch, limit).map(concentrationOf),
  }),
];
