// The dashboard in a real browser, bundled as a checkout does it and served by RPC over a chain of real blocks: it follows the node,
// explains a reward, judges certificates, keeps hostile text text, asks no other host, and says when its node is gone.
// Skipped, and said so, where there is no Chromium.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { renderGenesis } from "../../src/config/index.ts";
import { sha256 } from "../../src/crypto/index.ts";
import { createNativeSigner, createVerifier } from "../../src/native/index.ts";
import { bundleDashboard } from "../../src/node/bundle-dashboard.ts";
import { dashboardFiles } from "../../src/node/dashboard-files.ts";
import { type AssetId, type Bytes, formatFair, utf8ToBytes } from "../../src/primitives/index.ts";
import { createRpcServer, type NodeEvent, type NodeView } from "../../src/rpc/index.ts";
import { BrowserPage, chromium } from "../support/browser-page.ts";
import { fakeNodeView } from "../support/fake-node-view.ts";
import { quietLog, quietMetrics } from "../support/quiet-ports.ts";
import { testRpcOptions } from "../support/rpc-options.ts";
import { TestChain, type TestOperator } from "../support/test-chain.ts";

const hostile = `<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>`;
const epoch = 2;

/** A node's view over a chain that was made before; heights go on as `grow` says. Every text of it is hostile. */
function viewOf({ app, assets, operators }: TestChain): { readonly view: NodeView; grow(): void } {
  const { queries } = app;
  const listeners = new Set<(event: NodeEvent) => void>();
  const basis = fakeNodeView().status();
  let { height } = app.tip().facts;
  const head = (at: number): NodeEvent => ({
    topic: "heads",
    height: at,
    item: {
      ...{ height: at, epoch: epoch + 2, term: 0, parent: basis.digest, proposer: 0, transactions: 0 },
      time: new Date().toISOString(),
    },
  });
  const assetOf = (id: AssetId) => {
    const state = queries.asset(id);
    return state === undefined ? undefined : { ...state, id };
  };
  const view = fakeNodeView({
    status: () => ({
      ...basis,
      ...{ height, networkName: hostile, epoch: epoch + 2, timestampMs: Date.now(), alerts: 1 },
    }),
    peers: () => [
      {
        ...{ peer: hostile, account: operators[0]?.account, addresses: [hostile] },
        ...{ direction: "inbound", bytes: { received: 1, sent: 1 }, score: 1 },
      },
    ],
    alerts: () => [{ code: hostile, severity: "warning", message: hostile, sinceHeight: 1, raised: true }],
    parameters: () => app.parameters,
    asset: assetOf,
    assets: (after) => (after === undefined ? assets.flatMap((id) => assetOf(id) ?? []) : []),
    epochRecord: (number) => queries.epochRecord(number),
    epochRecords: (from) =>
      [0, 1, 2].filter((number) => number >= from).flatMap((each) => queries.epochRecord(each) ?? []),
    rewards: async (number, after, limit) =>
      queries.epochRecord(number) === undefined ? undefined : queries.rewardTable(number, { after, limit }),
    explanation: (number, id) => queries.explain(number, id)?.explanation,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async *pastEvents(topic, from) {
      if (topic === "heads") for (let at = from; at <= height; at++) yield head(at);
    },
  });
  return {
    view,
    grow() {
      height++;
      for (const listener of listeners) listener(head(height));
    },
  };
}

async function paidChain() {
  const signer = (label: string) => createNativeSigner(sha256(utf8ToBytes(label)));
  const chain = await TestChain.create({ signer, verifier: createVerifier(), finalized: (height) => height === 48 });
  const asset = await chain.registerAsset(chain.operators[0] as TestOperator);
  await chain.runTo(epoch + 1);
  const made = await chain.app.queries.certificate(epoch, asset);
  assert.ok(made.ok);
  return { chain, asset, certificate: made.value };
}

function serverOf(node: NodeView, port: number, host = testRpcOptions.host) {
  return createRpcServer({
    node,
    options: { ...testRpcOptions, host, port },
    version: "1",
    log: quietLog,
    metrics: quietMetrics,
    nowMs: () => performance.now(),
    dashboard: dashboardFiles(),
  });
}

/** The certificate's files, whole and damaged, and the genesis as people have it. */
async function layOut(folder: string, certificate: Bytes, chain: TestChain) {
  const file = (name: string): string => join(folder, name);
  const damaged = certificate.slice();
  damaged[1000] = (damaged[1000] as number) ^ 4;
  await writeFile(file("reward.cert"), certificate);
  await writeFile(file("damaged.cert"), damaged);
  await writeFile(file("genesis.json"), renderGenesis(chain.genesis));
  return file;
}

test("the bundle needs nothing of Node's and keeps the licences of what it holds", async () => {
  const files = await bundleDashboard();
  const names = ["certificate-worker.js", "index.html", "licences.txt", "main.js", "style.css"];
  assert.equal([...files.keys()].sort(), names);
  const licences = new TextDecoder().decode(files.get("licences.txt"));
  for (const name of ["preact", "uplot", "d3-geo", "h3-js", "world-atlas", "topojson-client", "@chainsafe/ssz"]) {
    assert.match(licences, new RegExp(`^${name} \\d[^\\n]*\\n\\n\\S`, "m"), name);
  }
  const page = new TextDecoder().decode(files.get("index.html"));
  assert.not.match(page, /(src|href)="(https?:)?\/\//);
  assert.not.match(page, /<script(?![^>]*\bsrc=)|style="|\son[a-z]+=/);
});

const shownText = "document.body.innerText";
const verdictText = `document.querySelector("#certificate .verdict")?.innerText`;

if (chromium === undefined) {
  test.skip("no Chromium on this machine: the dashboard was not run in a browser", () => {});
} else {
  test("the dashboard in a browser", async () => {
    const { chain, asset, certificate } = await paidChain();
    const { view, grow } = viewOf(chain);
    let server = serverOf(view, 0);
    const url = await server.start();
    const folder = await mkdtemp(join(tmpdir(), "fairmesh-dashboard-"));
    const file = await layOut(folder, certificate, chain);
    const page = await BrowserPage.open();
    try {
      // It follows the node.
      await page.go(url);
      const height = chain.app.tip().facts.height;
      const tile = `document.querySelector("#head .tile dd")?.innerText`;
      await page.until("the height", `${tile} === "${height}"`);
      while ((await page.value(tile)) !== String(height + 3)) {
        if (Number(await page.value(tile)) < height + 3 && view.status().height < height + 3) grow();
        await new Promise((wake) => setTimeout(wake, 30));
      }
      const finalAfter = `document.querySelectorAll("#head .tile dd")[2].innerText`;
      await page.until("blocks as they become final", `/^\\d+\\.\\d\\d s$/.test(${finalAfter})`);
      // It shows a paid reward and why.
      const [leaf] = await (view.rewards(epoch, undefined, 1) as Promise<readonly { reward: bigint }[]>);
      await page.until("the reward", `${shownText}.includes("${formatFair(leaf?.reward ?? 0n)}")`);
      await page.value(`document.querySelector("#rewards button[aria-expanded]").click()`);
      const explained = view.explanation(epoch, asset);
      await page.until("the explanation", `document.querySelector(".why")?.innerText.includes("Audits passed")`);
      const why = await page.value<string>(`document.querySelector(".why").innerText`);
      assert.ok(why.includes(`${explained?.cappedWeight} of ${explained?.denominator} (R-4)`), why);
      // Where the asset stands, by keyboard.
      await page.until("the cell", `document.querySelectorAll("#map .cell").length === 1`);
      await page.value(
        `document.querySelector("#map .cell").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }))`,
      );
      await page.until("the cell's assets", `document.querySelectorAll("#map tbody tr").length === 1`);
      // It judges certificates.
      await page.choose("#certificate-file", file("reward.cert"));
      await page.until("a verdict", `${verdictText}?.includes("onsistent, unanchored (checkpoint-none)")`);
      await page.choose("#genesis-file", file("genesis.json"));
      await page.until("a verdict", `${verdictText}?.includes("alid: anchored in genesis")`);
      assert.ok((await page.value<string>(verdictText)).includes(formatFair(leaf?.reward ?? 0n)));
      await page.choose("#certificate-file", file("damaged.cert"));
      await page.until("a verdict", `${verdictText}?.includes("efused: checksum")`);
      // Hostile text is text.
      const [network, alert, peer] = await page.value<string[]>(
        `[".network", ".alerts li span", "#peers td code"].map((each) => document.querySelector(each).textContent)`,
      );
      assert.equal([network, alert], [hostile, hostile]);
      assert.ok(hostile.startsWith((peer as string).slice(0, 8)));
      assert.equal(await page.value(`[typeof harmed, document.querySelectorAll("img, #page script").length]`), [
        "undefined",
        0,
      ]);
      // Nothing went anywhere else, and nothing went wrong.
      const { host } = new URL(url);
      const elsewhere = page.requested.filter((each) => !each.startsWith("data:") && new URL(each).host !== host);
      assert.equal(elsewhere, []);
      assert.equal(page.complaints, []);
      // It says when its node is gone, and finds it again.
      await server.stop();
      await page.until("that it is not connected", `${shownText}.includes("Not connected since")`);
      server = serverOf(view, Number(new URL(url).port));
      await server.start();
      await page.until("that it is connected", `document.querySelector(".connection.connected") !== null`);
      assert.is(await page.value(`document.querySelector(".lost")`), null);
      // Where reading takes a token, it says so.
      await server.stop();
      server = serverOf(view, Number(new URL(url).port), "0.0.0.0");
      await server.start();
      await page.until("that a token is needed", `${shownText}.includes("asks for a token")`);
    } finally {
      await page.close();
      await server.stop();
      await rm(folder, { recursive: true });
    }
  });
}

test.run();
