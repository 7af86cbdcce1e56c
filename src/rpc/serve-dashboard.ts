// The dashboard's files at GET / and under /dashboard/. The page is the same for everyone and holds nothing of the node: what it
// shows it asks over RPC, under the same rules as anyone. Only names of the given files are answered: no path reaches the disk.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "../ports/index.ts";
import type { Bytes } from "../primitives/index.ts";
import type { Caller } from "./access.ts";

export interface DashboardFile {
  readonly type: string;
  readonly bytes: Bytes;
  /** Changes with the bytes. */
  readonly etag: string;
}

/** The files by name, index.html among them. Rejects while there are none, with a message that says what to do. */
export type DashboardFiles = () => Promise<ReadonlyMap<string, DashboardFile>>;

interface Admission {
  admit(request: FastifyRequest, reply: FastifyReply, things: number): Promise<Caller | undefined>;
}

/**
 * Nothing but this node's own files and this node's own RPC: no inline script, no frame, no other host; text never becomes
 * markup or code (Trusted Types), and `fairmesh` is the policy that makes the worker. WebSockets are named by their host because
 * not every browser counts them as 'self'; WebAssembly is what the SSZ library hashes with, compiled from the page's own script.
 * `host` was compared with the names that are answered.
 */
const contentPolicy = (host: string): string =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data:",
    "worker-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types fairmesh",
  ].join("; ");

function guard(request: FastifyRequest, reply: FastifyReply): void {
  reply
    .header("content-security-policy", contentPolicy(request.headers.host ?? ""))
    .header("x-content-type-options", "nosniff")
    .header("referrer-policy", "no-referrer")
    .header("cross-origin-opener-policy", "same-origin")
    .header("cross-origin-resource-policy", "same-origin")
    .header("x-frame-options", "DENY")
    .header("cache-control", "no-cache");
}

const say = (reply: FastifyReply, code: number, text: string) =>
  reply.code(code).type("text/plain; charset=utf-8").send(`${text}\n`);

/** Adds the two routes; without files they say that the page is turned off. */
export function addDashboard(
  app: FastifyInstance,
  gate: Admission,
  { dashboard: files, log }: { readonly dashboard?: DashboardFiles | undefined; readonly log: Log },
): void {
  async function answer(request: FastifyRequest, reply: FastifyReply, name: string) {
    guard(request, reply);
    if ((await gate.admit(request, reply, 1)) === undefined) return reply;
    if (files === undefined) return say(reply, 404, "The dashboard is turned off (rpc.dashboard). RPC is at POST /.");
    let file: DashboardFile | undefined;
    try {
      file = (await files()).get(name);
    } catch (error) {
      log.warn("the dashboard could not be loaded", { cause: String((error as Error).cause ?? error) });
      return say(reply, 503, (error as Error).message);
    }
    if (file === undefined) return say(reply, 404, "There is no such file. The dashboard is at /.");
    reply.header("etag", file.etag);
    if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
    return reply.type(file.type).send(file.bytes);
  }
  app.get("/", (request, reply) => answer(request, reply, "index.html"));
  app.get<{ Params: { name: string } }>("/dashboard/:name", (request, reply) =>
    answer(request, reply, request.params.name),
  );
}
