// RPC through software that others wrote: the OpenRPC document is checked by OpenRPC's own validator, and two clients of
// JSON-RPC, one of them made for OpenRPC, get their answers.
import { readFileSync } from "node:fs";
import { Client, HTTPTransport, RequestManager, WebSocketTransport } from "@open-rpc/client-js";
import { validateOpenRPCDocument } from "@open-rpc/schema-utils-js";
import jayson from "jayson/promise/index.js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatAddress } from "../../src/primitives/index.ts";
import { createRpcServer, openRpcDocument, rpcMethods, rpcReference } from "../../src/rpc/index.ts";
import { fakeAccount, fakeNodeView } from "../support/fake-node-view.ts";
import { quietLog, quietMetrics } from "../support/quiet-ports.ts";
import { testRpcOptions } from "../support/rpc-options.ts";

const server = createRpcServer({
  node: fakeNodeView(),
  options: testRpcOptions,
  version: "1.2.3",
  log: quietLog,
  metrics: quietMetrics,
  nowMs: () => performance.now(),
});
const url = await server.start();
test.after(() => server.stop());

test("OpenRPC's validator accepts the document", () => {
  const document = JSON.parse(JSON.stringify(openRpcDocument(rpcMethods, "1.2.3")));
  assert.is(validateOpenRPCDocument(document), true);
  const broken = { ...document, methods: [{ name: "x" }] };
  assert.is.not(validateOpenRPCDocument(broken), true, "it can refuse");
});

test("OpenRPC's client gets answers and errors, over HTTP and WebSocket", async () => {
  const transports = [() => new HTTPTransport(url), () => new WebSocketTransport(`${url.replace("http", "ws")}/ws`)];
  for (const transport of transports) {
    const client = new Client(new RequestManager([transport()]));
    const status = await client.request({ method: "node_status", params: {} });
    assert.is(status.height, 7);
    const byPosition = await client.request({ method: "account_get", params: [formatAddress(fakeAccount)] });
    assert.is(byPosition.balance, "5");
    const error = await client.request({ method: "chain_getBlock", params: { height: 1 } }).catch((caught) => caught);
    assert.is(error.code, -32001);
    client.close();
  }
});

test("jayson's client gets answers, errors and batches", async () => {
  const { port } = new URL(url);
  const client = jayson.Client.http({ host: "127.0.0.1", port: Number(port) });
  assert.is((await client.request("node_status", {})).result.height, 7);
  assert.is((await client.request("no_suchMethod", [])).error.code, -32601);
  const batch = [
    client.request("node_status", [], undefined, false),
    client.request("node_peers", [], undefined, false),
  ];
  const answers = await client.request(batch);
  assert.is(answers.length, 2);
});

test("docs/RPC.md is current", () => {
  const path = new URL("../../docs/RPC.md", import.meta.url);
  const how = "run: npm run -s fairmesh -- rpc reference > docs/RPC.md";
  assert.is(readFileSync(path, "utf8"), rpcReference(rpcMethods), how);
});

/** The examples of the JSON-RPC 2.0 specification, section 7, with our methods in the place of theirs. */
const specification: readonly (readonly [sent: string, code: number])[] = [
  ['{"jsonrpc": "2.0", "method": "foobar", "id": "1"}', -32601],
  ['{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', -32700],
  ['{"jsonrpc": "2.0", "method": 1, "params": "bar"}', -32600],
  ['[{"jsonrpc": "2.0", "method": "node_status", "id": "1"},{"jsonrpc": "2.0", "method"', -32700],
  ["[]", -32600],
];
const send = async (text: string) => {
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: text });
  return { status: response.status, text: await response.text() };
};

test("the specification's examples get the specification's answers", async () => {
  for (const [sent, code] of specification) assert.is(JSON.parse((await send(sent)).text).error.code, code, sent);
  const ones = JSON.parse((await send("[1,2,3]")).text);
  assert.equal(
    ones.map((answer: { error: { code: number }; id: unknown }) => [answer.error.code, answer.id]),
    [
      [-32600, null],
      [-32600, null],
      [-32600, null],
    ],
  );
  const notifications = '[{"jsonrpc":"2.0","method":"node_status"},{"jsonrpc":"2.0","method":"node_peers"}]';
  assert.equal(await send(notifications), { status: 204, text: "" });
});

test.run();
