// Three real nodes: bound to one another, gossiping, messaging, asking, and found through the DHT.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { assetId, type Bytes, cellAt, equalBytes, keyOf, utf8ToBytes } from "../../src/primitives/index.ts";
import { eventually, makeNode, startMesh, type TestNode } from "../support/test-network.ts";

const nodes: TestNode[] = [];
const text = (bytes: Bytes): string => new TextDecoder().decode(bytes);
const soon = (): AbortSignal => AbortSignal.timeout(5_000);

async function collect(source: AsyncIterable<Bytes>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const each of source) found.push(text(each));
  return found;
}

test.before(async () => {
  for (let index = 0; index < 3; index++) nodes.push(await makeNode(index));
  const [, second, third] = nodes as [TestNode, TestNode, TestNode];
  second.network.transport.onGossip("capacity", async (bytes) => (text(bytes) === "bad" ? "reject" : "accept"));
  second.network.transport.onMessage("note", async (bytes, from) => void notes.push([text(bytes), keyOf(from)]));
  second.network.transport.onRequest("count", async function* (bytes) {
    for (let i = 0; i < Number(text(bytes)); i++) yield utf8ToBytes(`${i}`);
  });
  second.network.transport.onRequest("fail", async function* () {
    yield utf8ToBytes("first");
    throw new Error("secret detail");
  });
  second.network.transport.onRequest("slow", async function* (_, __, signal) {
    for (let i = 0; !signal.aborted; i++) {
      produced = i;
      yield new Uint8Array(1 << 20);
    }
  });
  third.network.transport.onGossip("capacity", async (bytes) => {
    heard.push(text(bytes));
    return "accept";
  });
  for (const { network } of nodes) await network.start();
  const [address] = nodes[0]?.network.addresses() ?? [];
  for (const { network } of nodes.slice(1)) await network.dial(address as string, soon());
  await nodes[1]?.network.dial(nodes[2]?.network.addresses()[0] as string, soon());
  await eventually("everyone is bound", () => nodes.every(({ network }) => network.transport.peers().length === 2));
});

test.after(async () => {
  await Promise.all(nodes.map(({ network }) => network.stop()));
});

const notes: [string, string][] = [];
const heard: string[] = [];
let produced = 0;

test("I-3: peers know the account behind each connection", () => {
  const [first, second] = nodes as [TestNode, TestNode];
  const accounts = first.network.transport.peers();
  assert.ok(accounts.some((account) => equalBytes(account, second.signer.accountId)));
  assert.ok(first.network.peers().every((peer) => peer.account !== undefined));
});

test("gossip spreads when accepted", async () => {
  const [first] = nodes as [TestNode];
  await eventually("a gossip message arrives", () => {
    void first.network.transport.publish("capacity", utf8ToBytes(`hello ${heard.length}`));
    return heard.length > 0;
  });
  assert.match(heard[0] as string, /^hello/);
});

test("an oversize message is refused before it is sent", async () => {
  try {
    await nodes[0]?.network.transport.publish("capacity", new Uint8Array(100_000));
    assert.unreachable();
  } catch (error) {
    assert.is((error as { code: string }).code, "MESSAGE_TOO_LONG");
  }
});

test("messages arrive in order, with their sender's account", async () => {
  const [first, second] = nodes as [TestNode, TestNode];
  const sends = Array.from({ length: 50 }, (_, i) =>
    first.network.transport.send(second.signer.accountId, "note", utf8ToBytes(`note ${i}`), soon()),
  );
  await Promise.all(sends);
  await eventually("all notes arrive", () => notes.length === 50);
  assert.equal(
    notes.map(([note]) => note),
    Array.from({ length: 50 }, (_, i) => `note ${i}`),
  );
  assert.is(notes[0]?.[1], keyOf(first.signer.accountId));
});

test("a request is answered in chunks, and an empty answer is no error", async () => {
  const [first, second] = nodes as [TestNode, TestNode];
  const ask = (count: string) =>
    first.network.transport.request(second.signer.accountId, "count", utf8ToBytes(count), soon());
  assert.equal(await collect(ask("3")), ["0", "1", "2"]);
  assert.equal(await collect(ask("0")), []);
});

test("a failing answer is an error that does not tell the peer's insides", async () => {
  const [first, second] = nodes as [TestNode, TestNode];
  const found: string[] = [];
  try {
    const answer = first.network.transport.request(second.signer.accountId, "fail", new Uint8Array(1), soon());
    for await (const each of answer) found.push(text(each));
    assert.unreachable();
  } catch (error) {
    assert.is((error as { code: string }).code, "PEER_FAILED");
    assert.not.match((error as Error).message, /secret/);
  }
  assert.equal(found, ["first"]);
});

test("a slow reader holds the sender back, and stopping early stops it", async () => {
  const [first, second] = nodes as [TestNode, TestNode];
  let read = 0;
  for await (const _ of first.network.transport.request(second.signer.accountId, "slow", new Uint8Array(1), soon())) {
    await new Promise((wake) => setTimeout(wake, 50));
    if (++read === 5) break;
  }
  await new Promise((wake) => setTimeout(wake, 200));
  // The window is 4 MiB, and one is being made.
  assert.ok(produced <= read + 6, `${produced} chunks produced for ${read} read`);
});

test("an unknown account is unreachable, at once", async () => {
  try {
    await nodes[0]?.network.transport.send(assetId(new Uint8Array(32)) as never, "note", new Uint8Array(1), soon());
    assert.unreachable();
  } catch (error) {
    assert.is((error as { code: string }).code, "PEER_UNREACHABLE");
  }
});

test("D-3: an asset is found by id and by place at every resolution", async () => {
  const [first, second] = nodes as [TestNode, TestNode];
  const cell = cellAt(52.5, 13.4);
  const id = assetId(new Uint8Array(32).fill(7));
  await second.network.discovery.provide({ id, kind: "storage", cell });
  const keys = async (source: AsyncIterable<Uint8Array>): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const each of source) found.push(keyOf(each));
    return found;
  };
  assert.equal(await keys(first.network.discovery.findAsset(id, soon())), [keyOf(second.signer.accountId)]);
  const near = cellAt(52.51, 13.41, 3);
  assert.equal(await keys(first.network.discovery.find({ kind: "storage", cell: near }, soon())), [
    keyOf(second.signer.accountId),
  ]);
  assert.equal(await keys(first.network.discovery.find({ kind: "bandwidth", cell: near }, soon())), []);
});

test("false answers are held against whoever gave them, also when it has gone since", async () => {
  const { nodes: pair, stop } = await startMesh(2);
  const [node, liar] = pair as [TestNode, TestNode];
  const { accountId } = liar.signer;
  node.network.report(accountId, "false-answer", "a block");
  assert.equal(node.network.bans(), []);
  await liar.network.stop();
  await eventually("it is gone", () => node.network.transport.peers().length === 0);
  node.network.report(accountId, "false-answer", "a block");
  node.network.report(accountId, "false-answer", "a record");
  assert.equal(
    node.network.bans().map(({ peer, reason }) => [peer, reason]),
    [[liar.network.peerId, "false-answer: a record"]],
  );
  await stop();
});

test.run();
