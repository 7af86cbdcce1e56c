// RPC over HTTP: JSON-RPC at POST /, the read methods as REST under /api/v1/, and the health of the node.
// Reading is open on loopback; anything else needs a bearer token (HS256) whose scopes hold the method's.
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { jwtVerify } from "jose";
import type { Log } from "../ports/index.ts";
import type { Bytes } from "../primitives/index.ts";
import { FairmeshError } from "../primitives/index.ts";
import { createDispatch } from "./dispatch.ts";
import type { Method, Scope } from "./method.ts";
import { chainMethods } from "./methods/chain.ts";
import { marketMethods } from "./methods/market.ts";
import { nodeMethods } from "./methods/node.ts";
import type { NodeView } from "./node-view.ts";
import { RateLimit } from "./rate-limit.ts";
import { rpcCodes } from "./rpc-error.ts";

export interface RpcOptions {
  readonly host: string;
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly bodyBytesMax: number;
  readonly batchMax: number;
  readonly requestsPerSecond: number;
  /** Signs tokens; 32 bytes. */
  readonly tokenSecret: Bytes;
}

export interface RpcParts {
  readonly node: NodeView;
  readonly options: RpcOptions;
  readonly version: string;
  readonly log: Log;
  readonly nowMs: () => number;
}

export interface RpcServer {
  /** The address that is listened on, as a URL. Rejects with FairmeshError `PORT_IN_USE`. */
  start(): Promise<string>;
  stop(): Promise<void>;
}

export const rpcMethods: readonly Method[] = [...nodeMethods, ...chainMethods, ...marketMethods];

const readOnly: ReadonlySet<Scope> = new Set<Scope>(["read"]);
const noScopes: ReadonlySet<Scope> = new Set<Scope>();
const loopback = new Set(["127.0.0.1", "::1", "localhost"]);

async function scopesOf(request: FastifyRequest, options: RpcOptions): Promise<ReadonlySet<Scope> | undefined> {
  const header = request.headers.authorization;
  if (header === undefined) return loopback.has(options.host) ? readOnly : noScopes;
  try {
    const token = header.replace(/^Bearer /, "");
    const { payload } = await jwtVerify(token, options.tokenSecret, { algorithms: ["HS256"] });
    return new Set(String(payload.scope ?? "").split(" ") as Scope[]);
  } catch {
    return undefined;
  }
}

/** Host and Origin are checked so that a page in a browser cannot reach a node on its own machine. */
function refusal(request: FastifyRequest, options: RpcOptions): string | undefined {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  if (!options.allowedHosts.includes(host) && host !== options.host) return `host ${host} is not answered`;
  const { origin } = request.headers;
  const own = `http://${request.headers.host ?? ""}`;
  if (origin !== undefined && origin !== own && !options.corsOrigins.includes(origin))
    return `origin ${origin} is not allowed`;
  return undefined;
}

function addRest(app: FastifyInstance, dispatch: ReturnType<typeof createDispatch>, options: RpcOptions): void {
  app.get<{ Params: { method: string }; Querystring: Record<string, string> }>(
    "/api/v1/:method",
    async (request, reply) => {
      const method = rpcMethods.find((each) => each.name === request.params.method);
      if (method === undefined || method.scope !== "read") return reply.code(404).send({ error: "no such method" });
      const params = Object.fromEntries(
        Object.entries(request.query).map(([name, text]) => [name, /^\d{1,15}$/.test(text) ? Number(text) : text]),
      );
      const scopes = (await scopesOf(request, options)) ?? noScopes;
      const answer = await dispatch({ jsonrpc: "2.0", method: method.name, params, id: 1 }, scopes);
      const { result, error } = answer as { readonly result?: unknown; readonly error?: { readonly code: number } };
      if (error === undefined) return reply.send(result);
      const status = error.code === rpcCodes.notFound ? 404 : error.code === rpcCodes.unauthorized ? 401 : 400;
      return reply.code(status).send({ error });
    },
  );
}

function addHealth(app: FastifyInstance, node: NodeView): void {
  app.get("/healthz", async () => ({ status: "alive" }));
  app.get("/readyz", async (_, reply) => {
    const { syncing, height, peers } = node.status();
    const code = syncing ? 206 : height > 0 && peers > 0 ? 200 : 503;
    return reply
      .code(code)
      .send({ status: code === 200 ? "ready" : code === 206 ? "syncing" : "starting", height, peers });
  });
}

export function createRpcServer({ node, options, version, log, nowMs }: RpcParts): RpcServer {
  const app = fastify({ bodyLimit: options.bodyBytesMax, forceCloseConnections: true });
  const limit = new RateLimit(options.requestsPerSecond, nowMs);
  const dispatch = createDispatch({
    node,
    methods: rpcMethods,
    version,
    batchMax: options.batchMax,
    onInternalError: (method, error) => log.error("a method failed", { method, cause: String(error) }),
  });
  const fail = (code: number, message: string, reason: string) => ({
    jsonrpc: "2.0",
    error: { code, message, data: { reason } },
    id: null,
  });
  app.addHook("onRequest", async (request, reply) => {
    const refused = refusal(request, options);
    if (refused !== undefined) return reply.code(403).send(fail(rpcCodes.unauthorized, refused, "origin"));
    if (!limit.take(request.headers.authorization ?? request.ip)) {
      return reply.code(429).send(fail(rpcCodes.limit, "too many requests", "rate"));
    }
    if (request.headers.origin !== undefined) reply.header("access-control-allow-origin", request.headers.origin);
    return undefined;
  });
  app.setErrorHandler((error: { readonly statusCode?: number; readonly message: string }, _, reply) => {
    const tooLarge = error.statusCode === 413;
    const code = tooLarge ? rpcCodes.limit : rpcCodes.parse;
    return reply.code(error.statusCode ?? 400).send(fail(code, error.message, tooLarge ? "body" : "parse"));
  });
  app.post("/", async (request, reply) => {
    const scopes = await scopesOf(request, options);
    if (scopes === undefined)
      return reply.code(401).send(fail(rpcCodes.unauthorized, "the token is not valid", "token"));
    const answer = await dispatch(request.body, scopes);
    return answer === undefined ? reply.code(204).send() : reply.send(answer);
  });
  addRest(app, dispatch, options);
  addHealth(app, node);
  return {
    async start() {
      try {
        return await app.listen({ host: options.host, port: options.port });
      } catch (cause) {
        if ((cause as { readonly code?: string }).code !== "EADDRINUSE") throw cause;
        throw new FairmeshError("PORT_IN_USE", `port ${options.port} is taken; set rpc.port to another`, { cause });
      }
    },
    stop: () => app.close(),
  };
}
