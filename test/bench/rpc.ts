// RPC requests a second over kept-alive connections, for node_status, account_get and asset_list (50 assets), against a bare
// fastify route that answers the same text. Client and server share the process, so both figures carry the client's cost.
import { Agent, request } from "node:http";
import fastify from "fastify";
import { assetId, formatAddress } from "../../src/primitives/index.ts";
import { createRpcServer } from "../../src/rpc/index.ts";
import { assetCodec } from "../../src/schema/index.ts";
import { fakeAccount, fakeNodeView } from "../support/fake-node-view.ts";
import { quietLog, quietMetrics } from "../support/quiet-ports.ts";
import { testRpcOptions } from "../support/rpc-options.ts";
import { alternate, type BenchResult, perSecond } from "./measure.ts";

export const title = "RPC requests answered a second, against a bare fastify route with the same answer";

const load = { total: 3000, concurrency: 16 };
const agent = new Agent({ keepAlive: true, maxSockets: load.concurrency });

const post = (url: string, body: string): Promise<string> =>
  new Promise((settle, fail) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request(url, { method: "POST", headers, agent }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => settle(text));
    });
    sent.on("error", fail);
    sent.end(body);
  });

export async function run(): Promise<BenchResult> {
  const assets = Array.from({ length: 50 }, (_, number) => ({
    ...assetCodec.empty(),
    id: assetId(new Uint8Array(32).fill(number)),
  }));
  const server = createRpcServer({
    node: fakeNodeView({ assets: (_after, limit) => assets.slice(0, limit) }),
    options: testRpcOptions,
    version: "1",
    log: quietLog,
    metrics: quietMetrics,
    nowMs: () => performance.now(),
  });
  const url = await server.start();
  const calls = {
    node_status: {},
    account_get: { account: formatAddress(fakeAccount) },
    asset_list: { limit: 50 },
  };
  const lines: Record<string, BenchResult> = {};
  for (const [method, params] of Object.entries(calls)) {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = JSON.parse(await post(url, body)) as object;
    const bare = fastify();
    bare.post("/", async () => answer);
    const bareUrl = await bare.listen({ host: "127.0.0.1", port: 0 });
    lines[method] = await alternate(
      {
        ours: () => perSecond(async () => void (await post(url, body)), load),
        baseline: () => perSecond(async () => void (await post(bareUrl, body)), load),
      },
      { rounds: 5, unit: "requests/s, more is better" },
    );
    await bare.close();
  }
  await server.stop();
  agent.destroy();
  const worst = Object.values(lines).reduce((a, b) => (a.ratio <= b.ratio ? a : b));
  return { ...worst, methods: lines };
}
