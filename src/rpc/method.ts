// A method of the RPC: its name, what it may be given, what it answers, and an example that the tests run.
// The same schema validates, documents (OpenRPC) and types it.
import type { z } from "zod";
import type { NodeView } from "./node-view.ts";

export type Scope = "read" | "write" | "sign" | "admin";

export interface Method<P extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly summary: string;
  readonly scope: Scope;
  readonly stability: "stable" | "beta";
  /** In the order of parameters by position. */
  readonly params: P;
  /** What the answer is, for the document. */
  readonly result: string;
  readonly example: Readonly<Record<string, unknown>>;
  run(node: NodeView, params: z.infer<P>): unknown;
}

/** Keeps a method's own parameter types while it is defined. */
export const method = <P extends z.ZodObject>(definition: Method<P>): Method => definition as unknown as Method;
