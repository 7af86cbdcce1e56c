// JSON-RPC 2.0: one request or a batch of parsed JSON in, the answer out. Knows nothing of HTTP or WebSocket.
import { z } from "zod";
import type { CallContext, Method, Scope } from "./method.ts";
import type { NodeView } from "./node-view.ts";
import { openRpcDocument } from "./open-rpc.ts";
import { paramProblem } from "./param-problem.ts";
import { RpcError } from "./rpc-error.ts";
import { type Json, toWire } from "./wire.ts";

export interface DispatchParts {
  readonly node: NodeView;
  readonly methods: readonly Method[];
  readonly version: string;
  readonly batchMax: number;
  readonly onInternalError: (method: string, error: unknown) => void;
  /** Told when a known method is called; the answer is told how it went. */
  readonly onCall?: (method: string) => (outcome: "result" | "error") => void;
}

type Answer = Readonly<Record<string, Json>>;
export type Dispatch = (
  request: unknown,
  scopes: ReadonlySet<Scope>,
  context?: CallContext,
) => Promise<Answer | readonly Answer[] | undefined>;

const requestSchema = z.strictObject({
  jsonrpc: z.literal("2.0"),
  method: z.string().max(128),
  params: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]).optional(),
  id: z.union([z.string().max(256), z.number(), z.null()]).optional(),
});

const failure = (id: Json, error: RpcError): Answer => ({
  jsonrpc: "2.0",
  error: { code: error.code, message: error.message, data: toWire(error.data) },
  id,
});

/** Parameters by name or by position as one object, checked; unknown ones are refused. */
function readParams(method: Method, given: readonly unknown[] | Readonly<Record<string, unknown>> | undefined): never {
  const names = Object.keys(method.params.shape);
  if (Array.isArray(given) && given.length > names.length) {
    throw new RpcError("invalidParams", `${method.name} takes at most ${names.length} parameters`, {
      reason: "params",
    });
  }
  const named = Array.isArray(given)
    ? Object.fromEntries(given.map((value, i) => [names[i] as string, value]))
    : (given ?? {});
  const read = method.params.safeParse(named, { error: paramProblem });
  if (read.success) return read.data as never;
  const issues = read.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
  const first = issues[0];
  throw new RpcError("invalidParams", `${first?.path || "params"}: ${first?.message}`, { reason: "params", issues });
}

export function createDispatch(parts: DispatchParts): Dispatch {
  const byName = new Map(parts.methods.map((method) => [method.name, method]));
  const document = openRpcDocument(parts.methods, parts.version);

  async function run(
    name: string,
    params: Parameters<typeof readParams>[1],
    { scopes, context }: { readonly scopes: ReadonlySet<Scope>; readonly context: CallContext },
  ): Promise<Json> {
    if (name === "rpc.discover") return document as Json;
    const method = byName.get(name);
    if (method === undefined) throw new RpcError("methodNotFound", `there is no method ${name}`, { reason: "method" });
    if (!scopes.has(method.scope)) {
      throw new RpcError("unauthorized", `${name} needs a token with scope ${method.scope}`, { reason: "scope" });
    }
    return toWire(await method.run(parts.node, readParams(method, params), context));
  }

  async function one(
    request: unknown,
    caller: { readonly scopes: ReadonlySet<Scope>; readonly context: CallContext },
  ): Promise<Answer | undefined> {
    const read = requestSchema.safeParse(request);
    if (!read.success) {
      return failure(null, new RpcError("invalidRequest", "not a JSON-RPC 2.0 request", { reason: "request" }));
    }
    const { id, method, params } = read.data;
    const done = byName.has(method) ? parts.onCall?.(method) : undefined;
    try {
      const result = await run(method, params, caller);
      done?.("result");
      return id === undefined ? undefined : { jsonrpc: "2.0", result, id };
    } catch (error) {
      done?.("error");
      if (id === undefined) return undefined;
      if (error instanceof RpcError) return failure(id, error);
      parts.onInternalError(method, error);
      return failure(id, new RpcError("internal", "the node failed to answer", { reason: "internal" }));
    }
  }

  return async (request, scopes, context = {}) => {
    const caller = { scopes, context };
    if (!Array.isArray(request)) return one(request, caller);
    if (request.length === 0 || request.length > parts.batchMax) {
      const error = new RpcError("invalidRequest", `a batch has from 1 to ${parts.batchMax} requests`, {
        reason: "batch",
      });
      return failure(null, error);
    }
    const answers = await Promise.all(request.map((each) => one(each, caller)));
    const given = answers.filter((answer) => answer !== undefined);
    return given.length === 0 ? undefined : given;
  };
}
