// asset_*, capacity_*, audit_* and proof_*: who serves what, how much of it is free, who looked, and what was served.
import { z } from "zod";
import { assetKinds, cellParent, cellResolution, parseCell } from "../../primitives/index.ts";
import type { Capacity } from "../../schema/index.ts";
import { inBatches } from "../in-batches.ts";
import { method } from "../method.ts";
import { page, pageOfUnordered } from "../page.ts";
import { found } from "../rpc-error.ts";
import * as shapes from "../shapes.ts";
import {
  addressParam,
  assetIdParam,
  cursorParam,
  epochParam,
  limitParam,
  readAddress,
  readAssetId,
  readCell,
} from "../wire.ts";

const kindParam = z.enum(assetKinds).describe("a kind of asset");
const cellParam = z
  .string()
  .refine((text) => parseCell(text).ok, "an H3 cell in hex")
  .describe("an H3 cell, resolution 0 to 7");

const byPrice = (a: Capacity, b: Capacity): number =>
  a.pricePerUnitEpoch < b.pricePerUnitEpoch ? -1 : a.pricePerUnitEpoch > b.pricePerUnitEpoch ? 1 : 0;

export const assetMethods = [
  method({
    name: "asset_get",
    summary: "A registered asset.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ asset: assetIdParam }),
    result: ["asset", shapes.asset],
    example: { asset: "$asset" },
    run: (node, { asset }) => found(node.asset(readAssetId(asset)), "such asset", "asset-not-found"),
  }),
  method({
    name: "asset_list",
    summary: "Registered assets by id.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ limit: limitParam, cursor: cursorParam }),
    result: ["page of assets", shapes.pageOf(shapes.asset)],
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
    name: "asset_find",
    summary:
      "Registered assets of a kind in a cell whose providers are found through the DHT and answer for them, nearest first.",
    scope: "read",
    stability: "beta",
    params: z.strictObject({ kind: kindParam, cell: cellParam, limit: limitParam }),
    result: ["found assets", shapes.pageOf(shapes.foundAsset)],
    example: { kind: "storage", cell: "8001fffffffffff", limit: 10 },
    run: async (node, { kind, cell, limit }) => ({
      items: await node.findAssets({ kind, cell: readCell(cell) }, limit),
      nextCursor: null,
    }),
  }),
  method({
    name: "capacity_list",
    summary: "Advertisements that have not expired, by asset id.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ limit: limitParam, cursor: cursorParam }),
    result: ["page of advertisements", shapes.pageOf(shapes.capacity)],
    example: { limit: 10 },
    run: (node, { limit, cursor }) =>
      pageOfUnordered(
        cursor,
        limit,
        () => node.capacities(),
        (capacity) => capacity.assetId,
      ),
  }),
  method({
    name: "capacity_find",
    summary: "Free capacity of a kind within a cell, cheapest first.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ kind: kindParam, cell: cellParam, limit: limitParam }),
    result: ["found advertisements", shapes.pageOf(shapes.capacity)],
    example: { kind: "storage", cell: "8001fffffffffff", limit: 10 },
    run: async (node, { kind, cell, limit }) => {
      const wanted = readCell(cell);
      let cheapest: Capacity[] = [];
      for await (const batch of inBatches(node.capacities())) {
        const within = batch.filter(({ assetId, freeUnits }) => {
          const asset = freeUnits === 0n ? undefined : node.asset(assetId);
          if (asset === undefined || assetKinds[asset.terms.kind] !== kind) return false;
          return cellParent(asset.terms.cell, cellResolution(wanted)) === wanted;
        });
        cheapest = [...cheapest, ...within].sort(byPrice).slice(0, limit);
      }
      return { items: cheapest, nextCursor: null };
    },
  }),
  method({
    name: "audit_list",
    summary: "Who audits which asset in an epoch (P-1), and what each reported (P-3), by asset id.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ epoch: epochParam, limit: limitParam, cursor: cursorParam }),
    result: ["page of audits", shapes.pageOf(shapes.audit)],
    example: { epoch: "$epoch" },
    run: (node, { epoch, limit, cursor }) =>
      page(
        cursor,
        limit,
        (after, count) => node.audits(epoch, after, count),
        (audit) => audit.assetId,
      ),
  }),
  method({
    name: "audit_getTranscript",
    summary: "What proves a pass that an auditor reported (P-3), asked of the auditor and checked against its report.",
    scope: "read",
    stability: "beta",
    params: z.strictObject({
      epoch: epochParam,
      asset: assetIdParam,
      auditor: addressParam,
      position: z.int().min(0).max(1023).default(0).describe("which of the passes, from 0"),
    }),
    result: [
      "transcript",
      z.strictObject({
        transcript: shapes.hex
          .optional()
          .describe("SSZ; absent when no report that is not settled has such a pass, or its auditor does not give it"),
      }),
    ],
    example: { epoch: "$epoch", asset: "$asset", auditor: "$account" },
    run: async (node, { epoch, asset, auditor, position }) => {
      const request = { epoch, assetId: readAssetId(asset), auditor: readAddress(auditor), position };
      const transcript = await node.transcript(request);
      return transcript === undefined ? {} : { transcript };
    },
  }),
  method({
    name: "proof_list",
    summary: "The newest proof of service heard of each asset (P-4), by asset id.",
    scope: "read",
    stability: "beta",
    params: z.strictObject({ limit: limitParam, cursor: cursorParam }),
    result: ["page of proofs", shapes.pageOf(shapes.proof)],
    example: { limit: 10 },
    run: (node, { limit, cursor }) =>
      pageOfUnordered(
        cursor,
        limit,
        () => node.proofs(),
        (proof) => proof.assetId,
      ),
  }),
];
