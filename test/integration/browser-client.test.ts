// The typed client in a real browser: calls over HTTP from another origin, watching over WebSocket through a lost connection,
// and the verdict on a reward certificate, all inside Chromium. Skipped, and said so, where there is no Chromium.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createRpcServer, issueToken } from "../../src/rpc/index.ts";
import { browserBundle } from "../support/browser-bundle.ts";
import { chromium, chromiumFlags } from "../support/browser-page.ts";
import { fakeChain } from "../support/fake-node-view.ts";
import { quietLog, quietMetrics } from "../support/quiet-ports.ts";
import { testRpcOptions } from "../support/rpc-options.ts";

const tokenSecret = new Uint8Array(32).fill(5);

const program = (rpcUrl: string, token: string) => `
  import { createClient, ClientError, http, webSocket, watchHeads, verifyRewardCertificate } from "./src/client/index.ts";
  import { createPortableVerifier } from "./src/crypto/index.ts";
  const outcome = {};
  try {
    const calls = createClient({ transport: http("${rpcUrl}", { token: "${token}", batchMax: 5 }) });
    const [status, peers] = await Promise.all([calls.request("node_status"), calls.request("node_peers")]);
    outcome.height = status.height;
    outcome.peers = peers.length;
    outcome.submit = await calls.request("tx_submit", { transaction: "0x00" }).catch((error) => error.rpcCode);
    const watcher = createClient({ transport: webSocket("${rpcUrl}", { token: "${token}" }) });
    outcome.heights = await new Promise((settle) => {
      const heights = [];
      watchHeads(watcher, { fromHeight: 1, onEvent: ({ height }) => { heights.push(height); if (height === 30) settle(heights); } });
    });
    watcher.close();
    const verdict = await verifyRewardCertificate(new Uint8Array(100), { verifier: createPortableVerifier(), nowMs: Date.now() });
    outcome.verdict = verdict.outcome;
    outcome.buffer = typeof globalThis.process;
  } catch (error) { outcome.error = String(error.stack ?? error); }
  await fetch("/outcome", { method: "POST", body: JSON.stringify(outcome) });
`;

async function runInBrowser(chain: ReturnType<typeof fakeChain>): Promise<Record<string, unknown>> {
  const told = Promise.withResolvers<string>();
  let bundle = "";
  const pages = createServer((request, response) => {
    if (request.method === "POST") {
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        response.end();
        told.resolve(text);
      });
    } else if (request.url === "/bundle.mjs") {
      response.setHeader("content-type", "text/javascript").end(bundle);
    } else {
      response.setHeader("content-type", "text/html").end('<script type="module" src="/bundle.mjs"></script>');
    }
  });
  await new Promise<void>((settle) => pages.listen(0, "127.0.0.1", settle));
  const origin = `http://127.0.0.1:${(pages.address() as { readonly port: number }).port}`;
  const serve = async (port: number) => {
    const server = createRpcServer({
      node: chain.view,
      options: { ...testRpcOptions, port, allowedHosts: ["127.0.0.1"], corsOrigins: [origin], tokenSecret },
      version: "1",
      log: quietLog,
      metrics: quietMetrics,
      nowMs: () => performance.now(),
    });
    return { server, url: await server.start() };
  };
  let rpc = await serve(0);
  bundle = await browserBundle(program(rpc.url, await issueToken(tokenSecret, ["read", "write"], 600)));
  const profile = await mkdtemp(join(tmpdir(), "fairmesh-browser-"));
  const browser: ChildProcess = spawn(chromium as string, [...chromiumFlags, `--user-data-dir=${profile}`, origin], {
    stdio: "ignore",
  });
  const timer = setTimeout(() => told.reject(new Error("the page said nothing for 60 s")), 60_000);
  // Once the page watches, its connection is lost, and blocks come meanwhile.
  const restart = (async () => {
    while (chain.listeners === 0) await new Promise((wake) => setTimeout(wake, 20));
    await rpc.server.stop();
    while (chain.height < 30) chain.grow();
    rpc = await serve(Number(new URL(rpc.url).port));
  })();
  try {
    return JSON.parse(await told.promise) as Record<string, unknown>;
  } finally {
    clearTimeout(timer);
    const ended = new Promise((settle) => browser.once("exit", settle));
    browser.kill("SIGKILL");
    await Promise.all([ended, restart]);
    await rpc.server.stop();
    pages.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

test("the client bundles for a browser", async () => {
  assert.ok((await browserBundle(program("http://127.0.0.1:1", "x"))).length > 10_000);
});

if (chromium === undefined) {
  test.skip("no Chromium on this machine: the client was not run in a browser", () => {});
} else {
  test("the client works in a page of another origin", async () => {
    const chain = fakeChain();
    for (let number = 0; number < 10; number++) chain.grow();
    const outcome = await runInBrowser(chain);
    assert.is(outcome.error, undefined);
    assert.equal([outcome.height, outcome.peers, outcome.submit], [7, 0, -32_603]);
    assert.equal(
      outcome.heights,
      Array.from({ length: 30 }, (_, index) => index + 1),
    );
    assert.equal([outcome.verdict, outcome.buffer], ["refused", "undefined"]);
  });
}

test.run();
