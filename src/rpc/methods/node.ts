// node_*: this node itself.
import { z } from "zod";
import { method } from "../method.ts";
import type { NodeStatus } from "../node-view.ts";
import * as shapes from "../shapes.ts";
import { timeText } from "../wire.ts";

function timedCheckpoint(checkpoint: NodeStatus["checkpoint"]) {
  if (checkpoint === undefined) return undefined;
  const { timestampMs, ...rest } = checkpoint;
  return { ...rest, time: timeText(timestampMs) };
}

export const nodeMethods = [
  method({
    name: "node_status",
    summary: "How far this node is, and what it takes part in.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({}),
    result: ["status", shapes.status],
    example: {},
    run: (node) => {
      const { timestampMs, checkpoint, ...status } = node.status();
      return { ...status, checkpoint: timedCheckpoint(checkpoint), time: timeText(timestampMs) };
    },
  }),
  method({
    name: "node_peers",
    summary: "Connected peers and the accounts behind them.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({}),
    result: ["peers", shapes.listOf(shapes.peer)],
    example: {},
    run: (node) => node.peers(),
  }),
  method({
    name: "node_identity",
    summary: "This node's account and addresses.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({}),
    result: ["identity", shapes.identity],
    example: {},
    run: (node) => ({ account: node.status().account, addresses: node.addresses() }),
  }),
  method({
    name: "node_alerts",
    summary: "What needs the operator's attention now, before it costs.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({}),
    result: ["alerts", shapes.listOf(shapes.alert)],
    example: {},
    run: (node) => node.alerts(),
  }),
];
