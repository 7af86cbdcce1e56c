// Who may ask what: Host and Origin checks, bearer tokens (HS256), and who a caller is for the rate limit.
// Reading is open while RPC listens on loopback; everything else needs a token whose scopes hold the method's.
import type { IncomingHttpHeaders } from "node:http";
import { jwtVerify, SignJWT } from "jose";
import type { Bytes } from "../primitives/index.ts";
import type { Scope } from "./method.ts";

export interface AccessOptions {
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly corsOrigins: readonly string[];
  /** Signs tokens. */
  readonly tokenSecret: Bytes;
}

export const scopes = ["read", "write", "sign", "admin"] as const satisfies readonly Scope[];

const readOnly: ReadonlySet<Scope> = new Set<Scope>(["read"]);
const nothing: ReadonlySet<Scope> = new Set<Scope>();
const loopback = new Set(["127.0.0.1", "::1", "localhost"]);

export interface Caller {
  readonly scopes: ReadonlySet<Scope>;
  /** What the rate limit counts by: a valid token, else the address, so that made-up tokens buy nothing. */
  readonly key: string;
}

/** Browsers cannot set a header on a WebSocket: there the token may come as the subprotocol `bearer.TOKEN`. */
function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  if (headers.authorization !== undefined) return headers.authorization.replace(/^Bearer /i, "");
  const offered = headers["sec-websocket-protocol"]?.split(",").map((each) => each.trim()) ?? [];
  return offered.find((each) => each.startsWith("bearer."))?.slice("bearer.".length);
}

interface Known {
  readonly caller: Caller;
  readonly untilMs: number;
}

/** Tokens found valid lately, by the options whose secret signed them: verifying one costs more than a usual answer. */
const known = new WeakMap<AccessOptions, Map<string, Known>>();
const knownMax = 1_000;

async function verified(token: string, { tokenSecret }: AccessOptions): Promise<Known> {
  const { payload } = await jwtVerify(token, tokenSecret, { algorithms: ["HS256"] });
  const granted = String(payload.scope ?? "").split(" ");
  const caller = { scopes: new Set(scopes.filter((scope) => granted.includes(scope))), key: token };
  return { caller, untilMs: payload.exp === undefined ? Number.POSITIVE_INFINITY : payload.exp * 1000 };
}

/** The caller; undefined when a token is given that is not valid. */
export async function callerOf(
  headers: IncomingHttpHeaders,
  address: string,
  options: AccessOptions,
): Promise<Caller | undefined> {
  const token = tokenOf(headers);
  if (token === undefined) return { scopes: loopback.has(options.host) ? readOnly : nothing, key: address };
  const tokens = known.get(options) ?? new Map<string, Known>();
  known.set(options, tokens);
  const before = tokens.get(token);
  if (before !== undefined && Date.now() < before.untilMs) return before.caller;
  tokens.delete(token);
  try {
    const found = await verified(token, options);
    if (tokens.size >= knownMax) tokens.clear();
    tokens.set(token, found);
    return found.caller;
  } catch {
    return undefined;
  }
}

/** A token for the scopes, valid for so many seconds from now. */
export const issueToken = (secret: Bytes, granted: readonly Scope[], seconds: number): Promise<string> =>
  new SignJWT({ scope: granted.join(" ") })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuedAt()
    .setExpirationTime(`${seconds} s`)
    .sign(secret);

/** Why a request is not answered at all: a page in a browser must not reach a node by another name (DNS rebinding). */
export function refusalOf(headers: IncomingHttpHeaders, options: AccessOptions): string | undefined {
  const host = (headers.host ?? "").replace(/:\d+$/, "");
  if (!options.allowedHosts.includes(host) && host !== options.host) return `host ${host} is not answered`;
  const { origin } = headers;
  const own = `http://${headers.host ?? ""}`;
  if (origin !== undefined && origin !== own && !options.corsOrigins.includes(origin))
    return `origin ${origin} is not allowed`;
  return origin === undefined && isFromPage(headers) ? "a page of another origin may not ask" : undefined;
}

/**
 * Images, scripts and frames of a page of another origin bear no Origin: it could not read the answers, but have the node make
 * them, as many as its limit allows. A link that is followed is no such page's question.
 */
function isFromPage(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  const followed = headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
  return (site === "cross-site" || site === "same-site") && !followed;
}
