// RPC over HTTP: JSON-RPC at POST /, over WebSocket at GET /ws, the read methods as REST under /api/v1/, the health of
// the node, and the dashboard's files. One table of methods serves the first three.
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Log, Metrics } from "../ports/index.ts";
import { FairmeshError } from "../primitives/index.ts";
import { type Caller, callerOf, refusalOf } from "./access.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
import type { Method } from "./method.ts";
import { assetMethods } from "./methods/assets.ts";
import { blobMethods } from "./methods/blobs.ts";
import { chainMethods } from "./methods/chain.ts";
import { nodeMethods } from "./methods/node.ts";
import { rewardMethods } from "./methods/rewards.ts";
import { subscriptionMethods } from "./methods/subscriptions.ts";
import type { NodeView } from "./node-view.ts";
import { RateLimit } from "./rate-limit.ts";
import { rpcCodes } from "./rpc-error.ts";
import { addDashboard, type DashboardFiles } from "./serve-dashboard.ts";
import { type WebSocketOptions, WebSockets } from "./web-socket.ts";

export interface RpcOptions extends WebSocketOptions {
  readonly port: number;
  readonly batchMax: number;
  readonly requestsPerSecond: number;
}

export interface RpcParts {
  readonly node: NodeView;
  readonly options: RpcOptions;
  readonly version: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly nowMs: () => number;
  /** The page at GET /; absent when it is not to be served. */
  readonly dashboard?: DashboardFiles | undefined;
}

export interface RpcServer {
  /** The address that is listened on, as a URL. Rejects with FairmeshError `PORT_IN_USE`. */
  start(): Promise<string>;
  stop(): Promise<void>;
}

export const rpcMethods: readonly Method[] = [
  ...nodeMethods,
  ...chainMethods,
  ...assetMethods,
  ...blobMethods,
  ...rewardMethods,
  ...subscriptionMethods,
];

const failure = (code: number, message: string, reason: string) => ({
  jsonrpc: "2.0",
  error: { code, message, data: { reason } },
  id: null,
});

/** Settled as an HTTP answer when the caller may not go on. */
interface Gate {
  admit(request: FastifyRequest, reply: FastifyReply, things: number): Promise<Caller | undefined>;
}

function gateOf(options: RpcOptions, limit: RateLimit): Gate {
  return {
    async admit(request, reply, things) {
      const caller = await callerOf(request.headers, request.ip, options);
      if (!limit.take(caller?.key ?? request.ip, things)) {
        reply.code(429).send(failure(rpcCodes.limit, "too many requests", "rate"));
        return undefined;
      }
      if (caller === undefined) reply.code(401).send(failure(rpcCodes.unauthorized, "the token is not valid", "token"));
      return caller;
    },
  };
}

function addJsonRpc(app: FastifyInstance, dispatch: Dispatch, gate: Gate): void {
  app.post("/", async (request, reply) => {
    const caller = await gate.admit(request, reply, Array.isArray(request.body) ? request.body.length : 1);
    if (caller === undefined) return reply;
    const answer = await dispatch(request.body, caller.scopes);
    return answer === undefined ? reply.code(204).send() : reply.send(answer);
  });
}

/** Digits are numbers and the rest is text, as the methods' parameters are. */
const queryParams = (query: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(query).map(([name, text]) => [name, /^-?\d{1,20}$/.test(text) ? Number(text) : text]),
  );

const httpStatus: Readonly<Record<number, number>> = {
  [rpcCodes.notFound]: 404,
  [rpcCodes.unauthorized]: 401,
  [rpcCodes.internal]: 500,
  [rpcCodes.limit]: 429,
};

function addRest(app: FastifyInstance, dispatch: Dispatch, gate: Gate): void {
  app.get<{ Params: { method: string }; Querystring: Record<string, string> }>(
    "/api/v1/:method",
    async (request, reply) => {
      const method = rpcMethods.find(({ name }) => name === request.params.method);
      if (method?.scope !== "read" || subscriptionMethods.includes(method)) {
        return reply.code(404).send({ error: { code: rpcCodes.methodNotFound, message: "no such method" } });
      }
      const caller = await gate.admit(request, reply, 1);
      if (caller === undefined) return reply;
      const call = { jsonrpc: "2.0", method: method.name, params: queryParams(request.query), id: 1 };
      const answer = (await dispatch(call, caller.scopes)) as {
        readonly result?: unknown;
        readonly error?: { readonly code: number };
      };
      if (answer.error === undefined) return reply.type("application/json").send(JSON.stringify(answer.result));
      return reply.code(httpStatus[answer.error.code] ?? 400).send({ error: answer.error });
    },
  );
}

function addHealth(app: FastifyInstance, node: NodeView): void {
  app.get("/healthz", async () => ({ status: "alive" }));
  app.get("/readyz", async (_, reply) => {
    const { syncing, height, peers } = node.status();
    const code = syncing ? 206 : height > 0 && peers > 0 ? 200 : 503;
    const status = code === 200 ? "ready" : code === 206 ? "syncing" : "starting";
    return reply.code(code).send({ status, height, peers });
  });
}

/** Host and Origin first; then what browsers need of an origin that may call. */
function addGuards(app: FastifyInstance, options: RpcOptions): void {
  app.addHook("onRequest", async (request, reply) => {
    const refused = refusalOf(request.headers, options);
    if (refused !== undefined) return reply.code(403).send(failure(rpcCodes.unauthorized, refused, "origin"));
    const { origin } = request.headers;
    if (origin === undefined) return undefined;
    reply.header("access-control-allow-origin", origin).header("vary", "origin");
    if (request.method !== "OPTIONS") return undefined;
    return reply
      .code(204)
      .header("access-control-allow-methods", "GET, POST")
      .header("access-control-allow-headers", "authorization, content-type")
      .header("access-control-max-age", "600")
      .send();
  });
  app.setErrorHandler((error: { readonly statusCode?: number; readonly message: string }, _, reply) => {
    const tooLarge = error.statusCode === 413;
    const code = tooLarge ? rpcCodes.limit : rpcCodes.parse;
    return reply.code(error.statusCode ?? 400).send(failure(code, error.message, tooLarge ? "body" : "parse"));
  });
}

const secondsBuckets = [0.001, 0.005, 0.02, 0.1, 0.5, 2];

/** Counts and times each call; its method is one of the table's, so that labels stay few. */
function callMeter({ metrics, nowMs }: Pick<RpcParts, "metrics" | "nowMs">) {
  const calls = metrics.counter("fairmesh_rpc_calls_total", {
    help: "RPC calls answered, by method and outcome.",
    labels: ["method", "outcome"],
  });
  const seconds = metrics.histogram("fairmesh_rpc_call_seconds", {
    help: "Time to answer an RPC call.",
    buckets: secondsBuckets,
  });
  return (method: string): ((outcome: "result" | "error") => void) => {
    const startedMs = nowMs();
    return (outcome) => {
      calls.add(1, { method, outcome });
      seconds.observe((nowMs() - startedMs) / 1000);
    };
  };
}

export function createRpcServer(parts: RpcParts): RpcServer {
  const { node, options, version, log, nowMs } = parts;
  const app = fastify({ bodyLimit: options.bodyBytesMax, forceCloseConnections: true });
  const limit = new RateLimit(options.requestsPerSecond, nowMs);
  const dispatch = createDispatch({
    node,
    methods: rpcMethods,
    version,
    batchMax: options.batchMax,
    onCall: callMeter(parts),
    onInternalError: (method, error) => log.error("a method failed", { method, cause: String(error) }),
  });
  const gate = gateOf(options, limit);
  addGuards(app, options);
  addJsonRpc(app, dispatch, gate);
  addRest(app, dispatch, gate);
  addHealth(app, node);
  addDashboard(app, gate, parts);
  const sockets = new WebSockets({ server: app.server, node, dispatch, limit, options });
  return {
    async start() {
      try {
        return await app.listen({ host: options.host, port: options.port });
      } catch (cause) {
        if ((cause as { readonly code?: string }).code !== "EADDRINUSE") throw cause;
        throw new FairmeshError("PORT_IN_USE", `port ${options.port} is taken; set rpc.port to another`, { cause });
      }
    },
    async stop() {
      sockets.stop();
      await app.close();
    },
  };
}
