// The SDK against a real RPC server: calls, errors, retries, batches, fallback, pages, and watching over lost connections.
import { createServer } from "node:http";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cheapSigner } from "../../simulation/environment/index.ts";
import {
  type ClientError,
  createClient,
  fallback,
  http,
  listAll,
  sendTransaction,
  watchHeads,
  webSocket,
} from "../../src/client/index.ts";
import { type AssetId, assetId, compareBytes, digest, FairmeshError, grains } from "../../src/primitives/index.ts";
import { createRpcServer, issueToken, type NodeView, type RpcServer } from "../../src/rpc/index.ts";
import { type Asset, assetCodec } from "../../src/schema/index.ts";
import { fakeChain, fakeNodeView } from "../support/fake-node-view.ts";
import { quietLog, quietMetrics } from "../support/quiet-ports.ts";
import { testRpcOptions } from "../support/rpc-options.ts";

const tokenSecret = new Uint8Array(32).fill(3);
const closing: (() => unknown)[] = [];
test.after.each(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(node: NodeView, port = 0): Promise<{ readonly url: string; readonly server: RpcServer }> {
  const server = createRpcServer({
    node,
    options: { ...testRpcOptions, port, tokenSecret },
    version: "1",
    log: quietLog,
    metrics: quietMetrics,
    nowMs: () => performance.now(),
  });
  closing.push(() => server.stop());
  return { url: await server.start(), server };
}
const clientOf = (transport: Parameters<typeof createClient>[0]["transport"], retries = 0) => {
  const client = createClient({ transport, retries });
  closing.push(() => client.close());
  return client;
};
const errorOf = async (work: Promise<unknown>): Promise<ClientError> => {
  try {
    await work;
  } catch (error) {
    return error as ClientError;
  }
  throw new Error("it did not fail");
};

test("typed answers and typed errors, over HTTP and WebSocket alike", async () => {
  const { url } = await serve(fakeNodeView());
  for (const transport of [http(url), webSocket(url)]) {
    const client = clientOf(transport);
    assert.is((await client.request("node_status")).height, 7);
    const error = await errorOf(client.request("chain_getBlock", { height: 1 }));
    assert.equal([error.code, error.rpcCode, error.reason], ["RPC_FAILED", -32001, "block-not-found"]);
    assert.match(error.message, "chain_getBlock");
  }
});

test("a token opens what needs one, over both", async () => {
  const { url } = await serve(fakeNodeView());
  const token = await issueToken(tokenSecret, ["read", "write"], 60);
  for (const make of [http, webSocket]) {
    const without = await errorOf(clientOf(make(url)).request("tx_submit", { transaction: "0x00" }));
    assert.is(without.rpcCode, -32002);
    const withToken = await errorOf(clientOf(make(url, { token })).request("tx_submit", { transaction: "0x00" }));
    assert.is(withToken.rpcCode, -32603, "it got through to the node");
  }
});

test("calls of one turn travel together, and one's failure is not another's", async () => {
  let posts = 0;
  const server = createServer((request, response) => {
    posts++;
    let text = "";
    request.on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      const calls = JSON.parse(text) as { id: number; method: string }[];
      const answers = calls.map(({ id, method }) =>
        method === "chain_getHead"
          ? { jsonrpc: "2.0", id, error: { code: -32001, message: "none", data: { reason: "no-block" } } }
          : { jsonrpc: "2.0", id, result: method },
      );
      response.end(JSON.stringify(answers.reverse()));
    });
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  closing.push(() => server.close());
  const { port } = server.address() as { readonly port: number };
  const client = clientOf(http(`http://127.0.0.1:${port}`, { batchMax: 10 }));
  const [status, head, peers] = await Promise.allSettled([
    client.request("node_status"),
    client.request("chain_getHead"),
    client.request("node_peers"),
  ]);
  assert.is(posts, 1);
  assert.equal([status.status, head.status, peers.status], ["fulfilled", "rejected", "fulfilled"]);
});

test("what got no answer is asked again, but a transaction never; time and signals end a call", async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    if (asked === 1) response.destroy();
    else response.end(JSON.stringify({ jsonrpc: "2.0", id: 0, result: { height: asked } }));
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  closing.push(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as { readonly port: number }).port}`;
  assert.is((await clientOf(http(url), 2).request("node_status")).height, 2);
  asked = 0;
  const error = await errorOf(clientOf(http(url), 2).request("tx_submit", { transaction: "0x00" }));
  assert.equal([error.code, asked], ["TRANSPORT_FAILED", 1]);
  const silent = createServer(() => {});
  await new Promise<void>((settle) => silent.listen(0, "127.0.0.1", settle));
  closing.push(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const silentUrl = `http://127.0.0.1:${(silent.address() as { readonly port: number }).port}`;
  assert.is((await errorOf(clientOf(http(silentUrl, { timeoutMs: 50 })).request("node_status"))).code, "TIMED_OUT");
  const reason = new Error("no longer wanted");
  const stopped = clientOf(http(silentUrl)).request("node_status", {}, { signal: AbortSignal.abort(reason) });
  assert.is(await errorOf(stopped), reason as never);
});

test("fallback goes to the next node, and stays there", async () => {
  const { url } = await serve(fakeNodeView());
  const client = clientOf(fallback([http("http://127.0.0.1:1"), http(url)]));
  assert.is((await client.request("node_status")).height, 7);
  assert.is((await client.request("node_status")).height, 7);
});

test("a list is read through its pages", async () => {
  const assets: readonly Asset[] = Array.from({ length: 23 }, (_, number) => ({
    ...assetCodec.empty(),
    id: assetId(new Uint8Array(32).fill(number + 1)),
  }));
  const after = (last: AssetId | undefined) =>
    assets.filter(({ id }) => last === undefined || compareBytes(id, last) > 0);
  const { url } = await serve(fakeNodeView({ assets: (last, limit) => after(last).slice(0, limit) }));
  const found = [];
  for await (const asset of listAll(clientOf(http(url)), "asset_list", { limit: 5 })) found.push(asset.id);
  assert.is(new Set(found).size, 23);
});

test("watching goes on over a restart of the node, without a gap or a repetition", async () => {
  const chain = fakeChain();
  const first = await serve(chain.view);
  for (let number = 0; number < 20; number++) chain.grow();
  const heights: number[] = [];
  const client = clientOf(webSocket(first.url));
  const reached = (height: number) =>
    new Promise<void>((settle) => {
      const look = setInterval(() => {
        if ((heights.at(-1) ?? 0) < height) return;
        clearInterval(look);
        settle();
      }, 5);
    });
  const stop = watchHeads(client, { onEvent: ({ height }) => heights.push(height), fromHeight: 3 });
  await reached(20);
  await first.server.stop();
  for (let number = 0; number < 10; number++) chain.grow();
  await serve(chain.view, Number(new URL(first.url).port));
  await reached(30);
  chain.grow();
  await reached(31);
  stop();
  assert.equal(
    heights,
    Array.from({ length: 29 }, (_, index) => index + 3),
  );
  while (chain.listeners > 0) await new Promise((settle) => setTimeout(settle, 5));
});

test("what is watched while the connection is being made is asked for once", async () => {
  const chain = fakeChain();
  for (let number = 0; number < 20; number++) chain.grow();
  const { url } = await serve(chain.view);
  const client = clientOf(webSocket(url));
  const seen: number[][] = [[], [], []];
  for (const heights of seen) watchHeads(client, { onEvent: ({ height }) => heights.push(height), fromHeight: 1 });
  const reached = async (height: number): Promise<void> => {
    for (let tries = 0; tries < 400 && seen.some((heights) => heights.at(-1) !== height); tries++)
      await new Promise((settle) => setTimeout(settle, 5));
  };
  await reached(20);
  assert.is((await client.request("node_status")).height, 7);
  assert.is(chain.listeners, 3);
  chain.grow();
  await reached(21);
  for (const heights of seen) assert.is(heights.length, 21);
});

test("watching without a WebSocket says what is needed", async () => {
  try {
    watchHeads(clientOf(http("http://127.0.0.1:1")), { onEvent: () => {} });
    assert.unreachable();
  } catch (error) {
    assert.is((error as ClientError).code, "UNSUPPORTED");
  }
});

test("a transaction whose nonce the account's own node took meanwhile is signed again with the next one", async () => {
  const answers = ["replacement-underpriced", "nonce-too-low", undefined, "balance-too-low"];
  let asked = 0;
  const submit: NodeView["submit"] = async () => {
    const reason = answers[asked++];
    if (reason !== undefined) throw new FairmeshError("TRANSACTION_REJECTED", reason, { fields: { reason } });
    return digest(new Uint8Array(32));
  };
  const { url } = await serve(fakeNodeView({ submit }));
  const client = clientOf(http(url, { token: await issueToken(tokenSecret, ["read", "write"], 60) }));
  const signer = cheapSigner("payer");
  const body = { kind: "transfer", value: { to: signer.accountId, amount: grains(1n) } } as const;
  await sendTransaction(client, { signer, body });
  assert.is(asked, 3);
  assert.is((await errorOf(sendTransaction(client, { signer, body }))).reason, "balance-too-low");
  assert.is(asked, 4, "what is wrong by itself is not sent again");
});

test.run();
