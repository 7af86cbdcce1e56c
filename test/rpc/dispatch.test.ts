// JSON-RPC 2.0 from the outside of the dispatcher: the specification's examples in our methods, bad input, scopes, batches.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createDispatch } from "../../src/rpc/dispatch.ts";
import { rpcMethods, type Scope } from "../../src/rpc/index.ts";
import { fakeNodeView } from "../support/fake-node-view.ts";

const node = fakeNodeView();

const internal: string[] = [];
const dispatch = createDispatch({
  node,
  methods: rpcMethods,
  version: "1",
  batchMax: 3,
  onInternalError: (method) => internal.push(method),
});
const read = new Set<Scope>(["read"]);
const all = new Set<Scope>(["read", "write", "sign", "admin"]);
type Answer = {
  readonly result?: Record<string, unknown>;
  readonly error?: { code: number; message: string; data: Record<string, unknown> };
  id: unknown;
};
const ask = async (request: unknown, scopes = read): Promise<Answer> => (await dispatch(request, scopes)) as never;
const call = (method: string, params?: unknown, scopes = read): Promise<Answer> =>
  ask({ jsonrpc: "2.0", id: 1, method, ...(params === undefined ? {} : { params }) }, scopes);

test("answers carry amounts as strings, accounts as addresses, times as RFC 3339, and no absent fields", async () => {
  const { result } = await call("node_status");
  assert.is(result?.time, "1970-01-01T00:00:00.000Z");
  assert.match(result?.account as string, /^fair1/);
  assert.not("seat" in (result as object));
  const { result: found } = await call("account_get", { account: result?.account });
  assert.is(found?.balance, "5");
});

test("a reward that cannot be proved is not found, with the reason; a start is near, genesis or a digest", async () => {
  const asset = `0x${"11".repeat(32)}`;
  for (const from of ["near", "genesis", `0x${"22".repeat(32)}`]) {
    const { error } = await call("reward_getCertificate", { epoch: 1, asset, from });
    assert.equal([error?.code, error?.data.reason], [-32001, "reward-unknown"]);
  }
  assert.is((await call("reward_getCertificate", { epoch: 1, asset, from: "0x22" })).error?.code, -32602);
});

test("parameters by name and by position mean the same; unknown, missing and surplus ones are refused", async () => {
  assert.is((await call("chain_getBlock", { height: 3 })).error?.code, -32001);
  assert.is((await call("chain_getBlock", [3])).error?.code, -32001);
  for (const params of [{ height: 3, more: 1 }, {}, [3, 4], { height: -1 }, { height: "3" }, { height: 1.5 }]) {
    const { error } = await call("chain_getBlock", params);
    assert.is(error?.code, -32602, JSON.stringify(params));
    assert.is(error?.data.reason, "params");
  }
});

test("what is wrong with a parameter is said in plain words", async () => {
  const saidOf = async (method: string, params: unknown): Promise<string | undefined> =>
    (await call(method, params)).error?.message;
  const said = [
    await saidOf("chain_getBlock", {}),
    await saidOf("chain_getBlock", { height: "3" }),
    await saidOf("chain_getBlock", { height: 1.5 }),
    await saidOf("chain_getBlock", { height: -1 }),
    await saidOf("chain_getBlock", { height: 1e20 }),
    await saidOf("chain_getBlock", { height: 3, more: 1, less: 2 }),
    await saidOf("account_get", { account: "x" }),
    await saidOf("account_get", { account: 5 }),
    await saidOf("asset_list", { limit: 100_000 }),
    await saidOf("asset_find", { kind: "gold", cell: "871f1d489ffffff" }),
  ];
  assert.equal(said, [
    "height: is missing",
    "height: a number is expected",
    "height: a whole number is expected",
    "height: at least 0",
    "height: at most 9007199254740991",
    "params: there is no parameter more, less",
    "account: an address begins with fair1",
    "account: text is expected",
    "limit: at most 500",
    "kind: one of storage, bandwidth, compute, wireless, energy, sensor is expected",
  ]);
});

test("what is not a request is refused; what has no id is not answered", async () => {
  for (const request of [
    1,
    "foo",
    null,
    {},
    { jsonrpc: "1.0", method: "node_status", id: 1 },
    { jsonrpc: "2.0", id: 1 },
  ]) {
    assert.is((await ask(request)).error?.code, -32600, JSON.stringify(request));
  }
  assert.is(await dispatch({ jsonrpc: "2.0", method: "node_status" }, read), undefined);
  assert.is((await call("no_suchMethod")).error?.code, -32601);
});

test("batches are answered one by one, within their limit", async () => {
  const one = { jsonrpc: "2.0", id: 1, method: "node_status" };
  const answers = (await dispatch([one, { ...one, id: "b" }, 5], read)) as unknown as Answer[];
  assert.equal(
    answers.map((answer) => answer.id),
    [1, "b", null],
  );
  assert.is((await ask([one, one, one, one])).error?.code, -32600);
  assert.is((await ask([])).error?.code, -32600);
  assert.is(await dispatch([{ jsonrpc: "2.0", method: "node_status" }], read), undefined);
});

test("a method beyond the caller's scopes is refused before its parameters are looked at", async () => {
  assert.is((await call("tx_submit", {})).error?.code, -32002);
});

test("a failure inside says nothing of the inside", async () => {
  const { error } = await call("tx_submit", { transaction: "0x00" }, all);
  assert.is(error?.code, -32603);
  assert.not.match(error?.message ?? "", /fire/);
  assert.equal(internal, ["tx_submit"]);
});

test("rpc.discover documents every method with its scope, and examples name its parameters", async () => {
  const { result } = await call("rpc.discover");
  const documented = result?.methods as { name: string; params: unknown[]; "x-permission": string }[];
  assert.is(result?.openrpc, "1.2.6");
  assert.equal(
    documented.map((method) => method.name),
    rpcMethods.map((method) => method.name),
  );
  for (const method of rpcMethods) {
    const names = Object.keys(method.params.shape);
    assert.ok(
      Object.keys(method.example).every((name) => names.includes(name)),
      method.name,
    );
  }
});

test("a subscription needs a connection", async () => {
  const { error } = await call("subscription_open", { topic: "heads" });
  assert.is(error?.data.reason, "transport");
});

test.run();
