// blob_*: what this node stores with others. Content is handed over as files in the node's folder `transfer`, named and never
// by a path: a token opens no other file.
import { z } from "zod";
import { digest, FairmeshError, fromHex } from "../../primitives/index.ts";
import { method } from "../method.ts";
import { RpcError } from "../rpc-error.ts";
import * as shapes from "../shapes.ts";
import { assetIdParam, readAssetId } from "../wire.ts";

const fileParam = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/)
  .describe("a name in the folder transfer");
const blobParam = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .describe("a blob's id, 0x and 64 hex digits");

/** A provider's refusal, or this node's, in the caller's words. */
async function refusable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof FairmeshError)) throw error;
    throw new RpcError("rejected", error.message, { reason: error.code });
  }
}

export const blobMethods = [
  method({
    name: "blob_list",
    summary: "What this node stores with others.",
    scope: "read",
    stability: "beta",
    params: z.strictObject({}),
    result: ["blobs", shapes.listOf(shapes.blob)],
    example: {},
    run: (node) => node.blobs.list(),
  }),
  method({
    name: "blob_put",
    summary: "Store a file on a storage asset, going on where an earlier try ended; signs a receipt.",
    scope: "sign",
    stability: "beta",
    params: z.strictObject({ asset: assetIdParam, file: fileParam }),
    result: ["blob", z.strictObject({ blobId: shapes.hex })],
    example: { asset: "$asset", file: "report.pdf" },
    run: async (node, { asset, file }) => ({ blobId: await refusable(node.blobs.put(readAssetId(asset), file)) }),
  }),
  method({
    name: "blob_get",
    summary: "Read a blob or a part of it, every byte checked, into a file.",
    scope: "sign",
    stability: "beta",
    params: z.strictObject({
      asset: assetIdParam,
      blob: blobParam,
      file: fileParam,
      at: z.int().min(0).default(0).describe("first byte"),
      length: z.int().min(0).default(Number.MAX_SAFE_INTEGER).describe("bytes at most"),
    }),
    result: ["read", z.strictObject({ length: shapes.count })],
    example: { asset: "$asset", blob: `0x${"00".repeat(32)}`, file: "copy.pdf" },
    run: async (node, { asset, blob, file, at, length }) => ({
      length: await refusable(node.blobs.get(readAssetId(asset), digest(fromHex(blob)), { file, at, length })),
    }),
  }),
  method({
    name: "blob_remove",
    summary: "Remove a blob from the asset that holds it.",
    scope: "sign",
    stability: "beta",
    params: z.strictObject({ asset: assetIdParam, blob: blobParam }),
    result: ["removed", z.strictObject({ removed: z.boolean() })],
    example: { asset: "$asset", blob: `0x${"00".repeat(32)}` },
    run: async (node, { asset, blob }) => {
      await refusable(node.blobs.remove(readAssetId(asset), digest(fromHex(blob))));
      return { removed: true };
    },
  }),
];
