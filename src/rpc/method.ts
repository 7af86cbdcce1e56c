// A method of the RPC: its name, what it may be given, what it answers, and an example that the tests run.
// The same schemas validate, document (OpenRPC) and type it.
import type { z } from "zod";
import type { NodeView } from "./node-view.ts";
import type { SubscriptionTopic } from "./shapes.ts";

export type Scope = "read" | "write" | "sign" | "admin";

/** What a method may do with the connection that it was called on; plain HTTP has none. */
export interface Connection {
  /** Answers the subscription's id. Throws RpcError at the connection's limit. */
  subscribe(request: {
    readonly topic: SubscriptionTopic;
    readonly fromHeight: number | undefined;
    readonly owner: string | undefined;
  }): string;
  /** Whether there was such a subscription. */
  unsubscribe(id: string): boolean;
}

export interface CallContext {
  readonly connection?: Connection | undefined;
}

export interface Method<P extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly summary: string;
  readonly scope: Scope;
  readonly stability: "stable" | "beta";
  /** In the order of parameters by position. */
  readonly params: P;
  /** The answer in its wire form: what it is called in the document, and its schema. */
  readonly result: readonly [name: string, schema: z.ZodType];
  readonly example: Readonly<Record<string, unknown>>;
  run(node: NodeView, params: z.infer<P>, context: CallContext): unknown;
}

/** Keeps a method's own parameter types while it is defined. */
export const method = <P extends z.ZodObject>(definition: Method<P>): Method => definition as unknown as Method;
