// asset_*, capacity_*, reward_* and concentration_*: who serves what, and who earned what.
import { z } from "zod";
import {
  assetKinds,
  cellParent,
  cellResolution,
  digest,
  equalBytes,
  FairmeshError,
  parseCell,
} from "../../primitives/index.ts";
import { method } from "../method.ts";
import { page } from "../page.ts";
import { found, RpcError } from "../rpc-error.ts";
import { assetIdParam, cursorParam, epochParam, limitParam, readAssetId, readBytes } from "../wire.ts";

const kindParam = z.enum(assetKinds).describe("a kind of asset");
const cellParam = z
  .string()
  .refine((text) => parseCell(text).ok, "an H3 cell in hex")
  .describe("an H3 cell, resolution 0 to 7");

const startParam = z
  .union([z.enum(["near", "genesis"]), z.string().regex(/^0x[0-9a-f]{64}$/, "0x and 64 hex digits")])
  .default("near")
  .describe("where its chain of committees begins: near, genesis, or the digest of a term's last block");

export const marketMethods = [
  method({
    name: "asset_get",
    summary: "A registered asset.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ asset: assetIdParam }),
    result: "asset",
    example: { asset: "$asset" },
    run: (node, { asset }) => found(node.asset(readAssetId(asset)), "such asset", "asset-not-found"),
  }),
  method({
    name: "asset_list",
    summary: "Registered assets by id.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ limit: limitParam, cursor: cursorParam }),
    result: "page of assets",
    example: { limit: 10 },
    run: (node, { limit, cursor }) =>
      page(
        cursor,
        limit,
        (after, count) => node.assets(after, count),
        (asset) => asset.id,
      ),
  }),
  method({
    name: "capacity_list",
    summary: "Advertisements that have not expired.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ limit: limitParam }),
    result: "advertisements",
    example: { limit: 10 },
    run: (node, { limit }) => node.capacities().slice(0, limit),
  }),
  method({
    name: "capacity_find",
    summary: "Free capacity of a kind within a cell, cheapest first.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ kind: kindParam, cell: cellParam, limit: limitParam }),
    result: "advertisements",
    example: { kind: "storage", cell: "8001fffffffffff" },
    run: (node, { kind, cell, limit }) => {
      const wanted = parseCell(cell);
      if (!wanted.ok) return [];
      const within = node.capacities().filter(({ assetId, freeUnits }) => {
        const asset = node.asset(assetId);
        if (asset === undefined || assetKinds[asset.terms.kind] !== kind || freeUnits === 0n) return false;
        return cellParent(asset.terms.cell, cellResolution(wanted.value)) === wanted.value;
      });
      return within
        .sort((a, b) =>
          a.pricePerUnitEpoch < b.pricePerUnitEpoch ? -1 : a.pricePerUnitEpoch > b.pricePerUnitEpoch ? 1 : 0,
        )
        .slice(0, limit);
    },
  }),
  method({
    name: "reward_getEpoch",
    summary: "The record of a settled epoch.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ epoch: epochParam }),
    result: "epoch record",
    example: { epoch: 0 },
    run: (node, { epoch }) => found(node.epochRecord(epoch), `record of epoch ${epoch}`, "epoch-not-settled"),
  }),
  method({
    name: "reward_list",
    summary: "The reward table of a settled epoch, by asset id.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ epoch: epochParam, limit: limitParam, cursor: cursorParam }),
    result: "page of rewards",
    example: { epoch: 0 },
    run: async (node, { epoch, limit, cursor }) => {
      const table = found(await node.rewards(epoch), `reward table of epoch ${epoch}`, "epoch-not-settled");
      return page(
        cursor,
        limit,
        (after, count) => {
          const from = after === undefined ? 0 : table.findIndex((leaf) => equalBytes(leaf.assetId, after)) + 1;
          return table.slice(from, from + count);
        },
        (leaf) => leaf.assetId,
      );
    },
  }),
  method({
    name: "reward_explain",
    summary: "Why an asset earned what it did: every factor, by the code that decided.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ epoch: epochParam, asset: assetIdParam }),
    result: "explanation",
    example: { epoch: 0, asset: "$asset" },
    run: (node, { epoch, asset }) =>
      found(node.explanation(epoch, readAssetId(asset)), "reward of this asset in that epoch", "reward-not-found"),
  }),
  method({
    name: "reward_getCertificate",
    summary: "The file that proves a reward offline: for `fairmesh verify`.",
    scope: "read",
    stability: "beta",
    params: z.strictObject({ epoch: epochParam, asset: assetIdParam, from: startParam }),
    result: "certificate file",
    example: { epoch: 0, asset: "$asset" },
    run: async (node, { epoch, asset, from }) => {
      const start = from === "near" || from === "genesis" ? from : digest(readBytes(from));
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
    result: "concentration",
    example: { epoch: 0 },
    run: (node, { epoch }) => {
      const [rewardsByOperator, rewardsByGroup, bondsByOperator, bondsByGroup] = found(
        node.epochRecord(epoch),
        `record of epoch ${epoch}`,
        "epoch-not-settled",
      ).concentration;
      return { rewardsByOperator, rewardsByGroup, bondsByOperator, bondsByGroup };
    },
  }),
];
