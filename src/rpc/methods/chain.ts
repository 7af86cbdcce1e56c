// chain_*, params_*, tx_* and account_*: what the ledger says.
import { z } from "zod";
import { FairmeshError } from "../../primitives/index.ts";
import { method } from "../method.ts";
import { found, RpcError } from "../rpc-error.ts";
import * as shapes from "../shapes.ts";
import { addressParam, bytesParam, heightParam, idParam, readAddress, readBytes, readDigest } from "../wire.ts";

export const chainMethods = [
  method({
    name: "chain_getHead",
    summary: "The last final block.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({}),
    result: ["block", shapes.block],
    example: {},
    run: (node) => found(node.block(node.status().height), "final block yet", "no-block"),
  }),
  method({
    name: "chain_getBlock",
    summary: "A final block by height, while its body is kept.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ height: heightParam }),
    result: ["block", shapes.block],
    example: { height: 1 },
    run: (node, { height }) => {
      const { blocksFrom, height: last } = node.status();
      const gone = height < blocksFrom && height <= last;
      const what = `block at height ${height}${gone ? ` (blocks are kept from ${blocksFrom} on)` : ""}`;
      return found(node.block(height), what, "block-not-found");
    },
  }),
  method({
    name: "chain_getCertificate",
    summary: "The finalization of a block, while it is kept.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ height: heightParam }),
    result: ["certificate", shapes.certificate],
    example: { height: 1 },
    run: (node, { height }) =>
      found(node.certificate(height), `certificate at height ${height}`, "certificate-not-found"),
  }),
  method({
    name: "chain_getCommittee",
    summary: "The seats of a term.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ term: z.int().min(0).describe("a term's number") }),
    result: ["seats", shapes.listOf(shapes.seat)],
    example: { term: 0 },
    run: (node, { term }) => found(node.committee(term), `committee of term ${term}`, "committee-not-found"),
  }),
  method({
    name: "params_get",
    summary: "The network's parameters now.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({}),
    result: ["parameters", shapes.parameters],
    example: {},
    run: (node) => node.parameters(),
  }),
  method({
    name: "account_get",
    summary: "An account's balance, and its operator if it is one.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ account: addressParam }),
    result: ["account", shapes.account],
    example: { account: "$account" },
    run: (node, { account }) => found(node.account(readAddress(account)), "such account", "account-not-found"),
  }),
  method({
    name: "tx_submit",
    summary: "Hands a signed transaction to the network; answers its id.",
    scope: "write",
    stability: "stable",
    params: z.strictObject({ transaction: bytesParam }),
    result: ["id", shapes.id],
    example: { transaction: "0x00" },
    run: async (node, { transaction }) => {
      try {
        return { id: await node.submit(readBytes(transaction)) };
      } catch (error) {
        if (!(error instanceof FairmeshError)) throw error;
        throw new RpcError("rejected", error.message, { reason: error.fields.reason ?? error.code });
      }
    },
  }),
  method({
    name: "tx_get",
    summary: "What became of a transaction: waiting here, or final in a block.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ id: idParam }),
    result: ["transaction", shapes.transaction],
    example: { id: "$transaction" },
    run: (node, { id }) => found(node.transaction(readDigest(id)), "such transaction", "transaction-not-found"),
  }),
];
