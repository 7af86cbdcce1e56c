// The dashboard as RPC serves it: its headers, what is refused, that no name reaches the disk, and turning it off.
import { connect } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { utf8ToBytes } from "../../src/primitives/index.ts";
import { createRpcServer, type DashboardFiles, type RpcServer } from "../../src/rpc/index.ts";
import { fakeNodeView } from "../support/fake-node-view.ts";
import { quietLog, quietMetrics } from "../support/quiet-ports.ts";
import { testRpcOptions } from "../support/rpc-options.ts";

const fileOf = (type: string, text: string) => ({ type, bytes: utf8ToBytes(text), etag: `"${text.length}"` });
const files: DashboardFiles = async () =>
  new Map([
    ["index.html", fileOf("text/html; charset=utf-8", "<!doctype html>")],
    ["main.js", fileOf("text/javascript; charset=utf-8", "1;")],
  ]);
const servers: RpcServer[] = [];
async function serve(dashboard: DashboardFiles | undefined, options: Partial<typeof testRpcOptions> = {}) {
  const server = createRpcServer({
    node: fakeNodeView(),
    options: { ...testRpcOptions, ...options },
    version: "1",
    log: quietLog,
    metrics: quietMetrics,
    nowMs: () => performance.now(),
    dashboard,
  });
  servers.push(server);
  return server.start();
}
test.after.each(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

/** The status of a request written by hand: fetch tidies paths and chooses the host. */
const statusOf = (url: string, path: string, host: string): Promise<number> =>
  new Promise((settle, fail) => {
    const { port } = new URL(url);
    const socket = connect(Number(port), "127.0.0.1", () =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`),
    );
    let said = "";
    socket.on("data", (chunk) => {
      said += chunk;
    });
    socket.on("error", fail);
    socket.on("close", () => settle(Number(said.split(" ")[1])));
  });

test("the page and its files come with a policy that lets nothing else in", async () => {
  const url = await serve(files);
  for (const [path, type, text] of [
    ["/", "text/html; charset=utf-8", "<!doctype html>"],
    ["/dashboard/main.js", "text/javascript; charset=utf-8", "1;"],
  ] as const) {
    const answer = await fetch(url + path);
    assert.is(answer.status, 200);
    assert.is(await answer.text(), text);
    assert.is(answer.headers.get("content-type"), type);
    const policy = new Map(
      (answer.headers.get("content-security-policy") ?? "").split("; ").map((each) => {
        const [name, ...sources] = each.split(" ");
        return [name, sources.join(" ")];
      }),
    );
    assert.is(policy.get("default-src"), "'none'");
    assert.is(policy.get("script-src"), "'self' 'wasm-unsafe-eval'");
    assert.is(policy.get("style-src"), "'self'");
    const { host } = new URL(url);
    assert.is(policy.get("connect-src"), `'self' ws://${host} wss://${host}`);
    assert.is(policy.get("frame-ancestors"), "'none'");
    assert.is(policy.get("require-trusted-types-for"), "'script'");
    assert.is(answer.headers.get("x-content-type-options"), "nosniff");
    assert.is(answer.headers.get("referrer-policy"), "no-referrer");
    assert.is(answer.headers.get("cache-control"), "no-cache");
  }
});

test("a file that the browser has is not sent again", async () => {
  const url = await serve(files);
  const first = await fetch(`${url}/dashboard/main.js`);
  const again = await fetch(`${url}/dashboard/main.js`, {
    headers: { "if-none-match": first.headers.get("etag") ?? "", "cache-control": "no-cache" },
  });
  assert.equal([again.status, await again.text()], [304, ""]);
});

test("by another name, from another origin, or too often, it is not answered", async () => {
  const url = await serve(files, { requestsPerSecond: 4 });
  assert.is(await statusOf(url, "/", "evil.example"), 403);
  assert.is((await fetch(url, { headers: { origin: "https://evil.example" } })).status, 403);
  const statuses = [];
  for (let number = 0; number < 12; number++) statuses.push((await fetch(url)).status);
  assert.ok(statuses.includes(429));
});

test("what is not a file of the page is not there, wherever it is on the disk", async () => {
  const url = await serve(files);
  const { host } = new URL(url);
  for (const path of [
    ...["/dashboard/", "/dashboard/other.js", "/dashboard/../package.json", "/dashboard/..%2f..%2fpackage.json"],
    ...["/dashboard/%2e%2e/package.json", "/dashboard//etc/passwd", "/dashboard/main.js/x", "/dashboard/__proto__"],
    ...["/index.html", "/dashboard/main.js%00"],
  ]) {
    assert.is(await statusOf(url, path, host), 404, path);
  }
});

test("turned off or not to be had, it says so, and JSON-RPC goes on", async () => {
  const off = await serve(undefined);
  const answer = await fetch(off);
  assert.equal([answer.status, /rpc\.dashboard/.test(await answer.text())], [404, true]);
  let tries = 0;
  const missing = await serve(async () => {
    tries++;
    throw new Error("run npm ci");
  });
  for (const path of ["/", "/dashboard/main.js"]) {
    const without = await fetch(missing + path);
    assert.equal([without.status, await without.text()], [503, "run npm ci\n"]);
  }
  assert.is(tries, 2);
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "node_status", params: {} });
  const call = await fetch(missing, { method: "POST", headers: { "content-type": "application/json" }, body });
  assert.is(((await call.json()) as { result: { height: number } }).result.height, 7);
});

test.run();
