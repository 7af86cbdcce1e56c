// RPC as it listens: HTTP, REST and WebSocket, tokens, browsers' origins, limits, and subscriptions that resume without a gap.
import { get } from "node:http";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "ws";
import { sha256 } from "../../src/crypto/index.ts";
import { assetId, toHex, utf8ToBytes } from "../../src/primitives/index.ts";
import type { NodeView, RpcOptions } from "../../src/rpc/index.ts";
import { createRpcServer, issueToken, type RpcServer } from "../../src/rpc/index.ts";
import { assetCodec, capacityCodec } from "../../src/schema/index.ts";
import { fakeChain, fakeNodeView } from "../support/fake-node-view.ts";
import { quietLog, quietMetrics } from "../support/quiet-ports.ts";
import { testRpcOptions } from "../support/rpc-options.ts";

const tokenSecret = new Uint8Array(32).fill(7);
const basis: RpcOptions = {
  ...testRpcOptions,
  ...{ corsOrigins: ["https://dashboard.example"], batchMax: 5, connectionsMax: 2, subscriptionsMax: 2, tokenSecret },
};
const servers: RpcServer[] = [];
async function serve(node: NodeView = fakeNodeView(), options: Partial<RpcOptions> = {}): Promise<string> {
  const server = createRpcServer({
    node,
    options: { ...basis, ...options },
    version: "1",
    log: quietLog,
    metrics: quietMetrics,
    nowMs: () => performance.now(),
  });
  servers.push(server);
  return server.start();
}
test.after.each(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

const post = async (url: string, body: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text), headers: response.headers };
};
/** Without what fetch adds of its own. */
const statusOf = (url: string, headers: Record<string, string>): Promise<number> =>
  new Promise((settle, fail) => {
    get(url, { headers, agent: false }, (response) => {
      response.resume();
      settle(response.statusCode ?? 0);
    }).once("error", fail);
  });
const call = (method: string, params: unknown = {}, id = 1) => ({ jsonrpc: "2.0", id, method, params });

test("JSON-RPC and REST answer the same", async () => {
  const url = await serve();
  const { body } = await post(url, call("node_status"));
  const rest = await fetch(`${url}/api/v1/node_status`);
  assert.equal(await rest.json(), body.result);
  assert.is((await fetch(`${url}/api/v1/account_get?account=nobody`)).status, 400);
  assert.is((await fetch(`${url}/api/v1/chain_getBlock?height=3`)).status, 404);
  assert.is((await fetch(`${url}/api/v1/tx_submit?transaction=0x00`)).status, 404);
  assert.is((await fetch(`${url}/api/v1/subscription_open?topic=heads`)).status, 404);
});

test("tokens: scopes are held to, and a wrong, foreign or expired one is refused", async () => {
  const url = await serve();
  const submit = call("tx_submit", { transaction: "0x00" });
  assert.is((await post(url, submit)).body.error.code, -32002);
  const bearer = async (secret: Uint8Array, scopes: readonly "write"[], seconds: number) => ({
    authorization: `Bearer ${await issueToken(secret, scopes, seconds)}`,
  });
  const right = await post(url, submit, await bearer(tokenSecret, ["write"], 60));
  assert.is(right.body.error.code, -32603, "it got through to the node");
  assert.is((await post(url, submit, await bearer(new Uint8Array(32), ["write"], 60))).status, 401);
  assert.is((await post(url, submit, await bearer(tokenSecret, ["write"], -10))).status, 401);
  assert.is((await post(url, submit, { authorization: "Bearer x" })).status, 401);
  const short = await bearer(tokenSecret, ["write"], 1);
  assert.is((await post(url, submit, short)).body.error.code, -32603);
  while ((await post(url, submit, short)).status !== 401) await new Promise((wake) => setTimeout(wake, 50));
});

test("away from loopback, reading needs a token, too", async () => {
  const url = (await serve(fakeNodeView(), { host: "0.0.0.0" })).replace("0.0.0.0", "127.0.0.1");
  assert.is((await post(url, call("node_status"))).body.error.code, -32002);
  const token = await issueToken(tokenSecret, ["read"], 60);
  const { body } = await post(url, call("node_status"), { authorization: `Bearer ${token}` });
  assert.is(body.result.height, 7);
});

test("what a page of another origin embeds is not answered, though it bears no origin; a link that is followed is", async () => {
  const url = await serve();
  const asked = (headers: Record<string, string>): Promise<number> => statusOf(`${url}/api/v1/node_status`, headers);
  const embedded = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
  assert.is(await asked(embedded), 403);
  assert.is(await asked({ ...embedded, "sec-fetch-site": "same-site" }), 403);
  assert.is(await asked({ ...embedded, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }), 403);
  assert.is(await asked({ ...embedded, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }), 200);
  assert.is(await asked({ ...embedded, "sec-fetch-site": "same-origin" }), 200);
  assert.is(await asked({}), 200);
});

test("a page of a foreign origin, or one that came by another name, is not answered", async () => {
  const url = await serve();
  assert.is((await post(url, call("node_status"), { origin: "https://evil.example" })).status, 403);
  const allowed = await post(url, call("node_status"), { origin: "https://dashboard.example" });
  assert.is(allowed.headers.get("access-control-allow-origin"), "https://dashboard.example");
  const preflight = await fetch(url, { method: "OPTIONS", headers: { origin: "https://dashboard.example" } });
  assert.is(preflight.status, 204);
  assert.match(preflight.headers.get("access-control-allow-headers") ?? "", "authorization");
  const rebound = new WebSocket(url.replace("http", "ws").concat("/ws"), { headers: { host: "evil.example" } });
  assert.match(await new Promise((settle) => rebound.once("error", (error) => settle(error.message))), "403");
});

test("limits: body, batch, calls a second whatever token is made up, broken JSON", async () => {
  const url = await serve(fakeNodeView(), { requestsPerSecond: 6 });
  assert.is((await post(url, "x".repeat(70_000))).status, 413);
  assert.is((await post(url, "{")).body.error.code, -32700);
  const statuses = [];
  for (let number = 0; number < 12; number++) {
    statuses.push((await post(url, call("node_status"), { authorization: `Bearer made-up-${number}` })).status);
  }
  assert.ok(statuses.includes(429), statuses.join(" "));
  const batches = await serve(fakeNodeView(), { requestsPerSecond: 6 });
  const five = [1, 2, 3, 4, 5].map((id) => call("node_status", {}, id));
  assert.is((await post(batches, five)).status, 200);
  assert.is((await post(batches, five)).status, 429, "a batch counts as its calls");
});

interface Line {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly data: Record<string, unknown> };
  readonly params?: { readonly subscription: string; readonly height: number };
}
async function connect(url: string) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws`);
  const lines: Line[] = [];
  let wake = (): void => {};
  socket.on("message", (data) => {
    lines.push(JSON.parse(String(data)));
    wake();
  });
  await new Promise((settle, fail) => socket.once("open", settle).once("error", fail));
  const until = async (right: () => boolean): Promise<void> => {
    while (!right()) await new Promise<void>((settle) => (wake = settle));
  };
  const ask = async (method: string, params: unknown, id: number): Promise<Line> => {
    socket.send(JSON.stringify(call(method, params, id)));
    await until(() => lines.some((line) => line.id === id));
    return lines.find((line) => line.id === id) as Line;
  };
  const heights = (): readonly number[] => lines.flatMap((line) => line.params?.height ?? []);
  return { socket, lines, ask, until, heights };
}

test("a subscription resumes from a height without a gap or a repetition, also while blocks come", async () => {
  const chain = fakeChain();
  const url = await serve(chain.view);
  for (let number = 0; number < 300; number++) chain.grow();
  const { socket, ask, until, heights } = await connect(url);
  const growing = setInterval(() => chain.grow(), 1);
  const opened = await ask("subscription_open", { topic: "heads", fromHeight: 5 }, 1);
  await until(() => heights().length >= 350);
  clearInterval(growing);
  assert.equal(
    heights(),
    Array.from(heights(), (_, index) => index + 5),
  );
  const closed = await ask("subscription_close", { subscription: opened.result?.subscription }, 2);
  assert.equal(closed.result, { closed: true });
  assert.is(chain.listeners, 0);
  socket.close();
});

test("subscriptions and connections have limits; a closed connection leaves nothing behind", async () => {
  const chain = fakeChain();
  const url = await serve(chain.view);
  const { socket, ask } = await connect(url);
  await ask("subscription_open", { topic: "heads" }, 1);
  await ask("subscription_open", { topic: "alerts" }, 2);
  assert.is((await ask("subscription_open", { topic: "heads" }, 3)).error?.data.reason, "subscriptions");
  assert.is((await ask("subscription_open", { topic: "weather" }, 4)).error?.code, -32602);
  await connect(url);
  const third = new WebSocket(`${url.replace("http", "ws")}/ws`);
  assert.match(await new Promise((settle) => third.once("error", (error) => settle(error.message))), "503");
  assert.is(chain.listeners, 2);
  socket.terminate();
  while (chain.listeners > 0) await new Promise((settle) => setTimeout(settle, 5));
});

test("a subscription that waited its turn when its connection ended is not begun", async () => {
  const chain = fakeChain();
  const { promise: released, resolve: release } = Promise.withResolvers<readonly never[]>();
  let asked = 0;
  const findAssets = () => {
    asked++;
    return released;
  };
  const url = await serve({ ...chain.view, findAssets } as NodeView, { requestsPerSecond: 1_000 });
  const { socket } = await connect(url);
  const call = (method: string, params: object) =>
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  for (let i = 0; i < 32; i++) call("asset_find", { kind: "storage", cell: "8001fffffffffff" });
  call("subscription_open", { topic: "alerts" });
  while (asked < 32) await new Promise((settle) => setTimeout(settle, 5));
  socket.terminate();
  await new Promise((settle) => setTimeout(settle, 200));
  release([]);
  await new Promise((settle) => setTimeout(settle, 100));
  assert.is(chain.listeners, 0);
});

test("a subscriber that does not read is closed with a reason, not silently skipped", async () => {
  const chain = fakeChain();
  const big = { ...chain.view, pastEvents: async function* () {} } as NodeView;
  const url = await serve(big);
  const { socket, ask } = await connect(url);
  await ask("subscription_open", { topic: "heads" }, 1);
  const closed = new Promise<readonly [number, string]>((settle) =>
    socket.once("close", (code, reason) => settle([code, String(reason)])),
  );
  socket.pause();
  // In one turn, so that nothing leaves the process between.
  for (let number = 0; number < 40_000; number++) chain.grow();
  socket.resume();
  const [code, reason] = await closed;
  assert.is(code, 1008);
  assert.match(reason, "too slow");
  assert.is(chain.listeners, 0);
});

test("a caller that does not read its answers is not asked for more than a few", async () => {
  let answered = 0;
  const assets = Array.from({ length: 500 }, () => assetCodec.empty());
  const node = fakeNodeView({
    assets: () => {
      answered++;
      return assets;
    },
  });
  const url = await serve(node, { requestsPerSecond: 100_000 });
  const { socket, until, lines } = await connect(url);
  socket.pause();
  const asked = 300;
  for (let id = 1; id <= asked; id++) socket.send(JSON.stringify(call("asset_list", { limit: 500 }, id)));
  let before = -1;
  while (answered !== before) {
    before = answered;
    await new Promise((settle) => setTimeout(settle, 200));
  }
  // What the kernel's buffers took, and 32 answers that wait.
  assert.ok(answered < asked / 2, `${answered} answers of 200 KB were made for nobody`);
  socket.resume();
  await until(() => lines.length === asked);
});

test("lists are paged in the order of ids, whatever order they are held in", async () => {
  const held = Array.from({ length: 3000 }, (_, at) => sha256(utf8ToBytes(`asset ${at}`)));
  const capacities = () => held.map((id) => ({ ...capacityCodec.empty(), assetId: assetId(id) }));
  const url = await serve(fakeNodeView({ capacities }), { requestsPerSecond: 1000 });
  const read: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const params = { limit: 500, ...(cursor === undefined ? {} : { cursor }) };
    const { result } = (await post(url, call("capacity_list", params))).body;
    read.push(...result.items.map((item: { assetId: string }) => item.assetId));
    cursor = result.nextCursor ?? undefined;
    if (cursor === undefined) break;
  }
  assert.equal(read, held.map((id) => `0x${toHex(id)}`).toSorted());
});

test("stopping ends open connections", async () => {
  const chain = fakeChain();
  const url = await serve(chain.view);
  const { socket } = await connect(url);
  const closed = new Promise((settle) => socket.once("close", settle));
  await servers.pop()?.stop();
  await closed;
});

test.run();
