// subscription_*: what happens from now on, or from a height on. Events arrive as notifications `subscription_event` with
// {subscription, topic, height, item}. Over WebSocket only.
import { z } from "zod";
import type { CallContext, Connection } from "../method.ts";
import { method } from "../method.ts";
import { RpcError } from "../rpc-error.ts";
import { subscriptionTopics } from "../shapes.ts";
import { addressParam, heightParam } from "../wire.ts";

function connectionOf({ connection }: CallContext): Connection {
  if (connection !== undefined) return connection;
  throw new RpcError("invalidRequest", "subscriptions need a WebSocket connection: GET /ws", { reason: "transport" });
}

export const subscriptionMethods = [
  method({
    name: "subscription_open",
    summary:
      "Begins to send events: final blocks, settled epochs, rewards, advertisements or alerts. With fromHeight, what " +
      "happened since then comes first, without a gap.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({
      topic: z.enum(subscriptionTopics).describe("what to be told of"),
      fromHeight: heightParam.optional(),
      owner: addressParam.optional().describe("rewards only: of this owner's assets"),
    }),
    result: ["subscription", z.strictObject({ subscription: z.string() })],
    example: { topic: "heads" },
    run: (_node, { topic, fromHeight, owner }, context) => ({
      subscription: connectionOf(context).subscribe({ topic, fromHeight, owner }),
    }),
  }),
  method({
    name: "subscription_close",
    summary: "Ends a subscription of this connection.",
    scope: "read",
    stability: "stable",
    params: z.strictObject({ subscription: z.string().max(64).describe("as subscription_open answered") }),
    result: ["closed", z.strictObject({ closed: z.boolean() })],
    example: { subscription: "1" },
    run: (_node, { subscription }, context) => ({ closed: connectionOf(context).unsubscribe(subscription) }),
  }),
];
