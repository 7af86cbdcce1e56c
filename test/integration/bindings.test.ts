// The binding handshake between real peers (I-3): what holds, what is a lie, when it ends, when it is done again.
import type { Connection } from "@libp2p/interface";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createVerifier } from "../../src/native/index.ts";
import type { Signer } from "../../src/ports/index.ts";
import { type Bytes, equalBytes, networkId } from "../../src/primitives/index.ts";
import { type BarePeer, type BindingChanges, makeBarePeer } from "../support/bare-peer.ts";
import { createMemoryLog } from "../support/memory-telemetry.ts";
import { eventually, makeNode, signerOf, startMesh, type TestNode } from "../support/test-network.ts";

const addressOf = ({ network }: TestNode): string => network.addresses()[0] as string;
const knows = ({ network }: TestNode, peer: BarePeer): boolean =>
  network.transport.peers().some((account) => equalBytes(account, peer.signer.accountId));

async function startNode(make: Parameters<typeof makeNode>[1] = {}): Promise<TestNode> {
  const node = await makeNode(30, make);
  await node.network.start();
  return node;
}

test("a true binding makes an account known, and a second connection needs no second verification", async () => {
  let verified = 0;
  const native = createVerifier();
  const verify: typeof native.verify = (check) => {
    verified += 1;
    return native.verify(check);
  };
  const verifier = { ...native, verify };
  const node = await startNode({ verifier });
  const peer = await makeBarePeer(1);
  const binding = await peer.binding();
  for (let round = 0; round < 2; round++) {
    const connection = await peer.join(addressOf(node), binding);
    await eventually("it is known", () => knows(node, peer));
    await connection.close();
    await eventually("it is forgotten", () => !knows(node, peer));
  }
  assert.is(verified, 1);
  await peer.join(addressOf(node), await peer.binding({ seq: 2 }));
  await eventually("it is known again", () => knows(node, peer));
  assert.is(verified, 2, "another binding is verified");
  await Promise.all([node.network.stop(), peer.stop()]);
});

const lies: readonly (readonly [string, (peer: BarePeer, other: BarePeer) => Promise<Bytes>])[] = [
  ["another peer's binding", (_, other) => other.binding()],
  ["another's peer id", (peer, other) => peer.binding({ peerId: other.host.peerId.toMultihash().bytes })],
  ["another's account id", (peer, other) => peer.binding({ accountId: other.signer.accountId })],
  [
    "another's account",
    (peer, { signer: { accountId, publicKey } }) => peer.binding({ accountId, publicKey } as BindingChanges),
  ],
  ["a forged account signature", (peer) => peer.binding({ accountSignature: new Uint8Array(3309).fill(1) })],
  ["a forged peer signature", (peer) => peer.binding({ peerSignature: new Uint8Array(64).fill(1) })],
  ["a binding of another network", (peer) => peer.binding({ networkId: networkId(new Uint8Array(32).fill(1)) })],
  ["rubbish", async () => new Uint8Array(5_500).fill(7)],
];

for (const [index, [what, lie]] of lies.entries()) {
  test(`a lie disconnects and bans: ${what}`, async () => {
    const log = createMemoryLog();
    const node = await startNode({ log });
    const [liar, other] = [await makeBarePeer(100 + index), await makeBarePeer(200 + index)];
    await liar.join(addressOf(node), await lie(liar, other)).catch(() => undefined);
    await eventually("the liar is banned", () => node.network.bans().length === 1);
    assert.match(node.network.bans()[0]?.reason ?? "", /^false-binding: /);
    assert.not(knows(node, liar));
    assert.ok(log.lines.some(({ message }) => message === "a peer's binding is false; disconnected"));
    await eventually("it is disconnected", () => node.network.peers().length === 0);
    await liar.connect(addressOf(node)).catch(() => undefined);
    await new Promise((wake) => setTimeout(wake, 100));
    assert.equal(node.network.peers(), [], "it does not come back");
    await Promise.all([node.network.stop(), liar.stop(), other.stop()]);
  });
}

test("what is old is refused: expired, below the ledger's sequence, below one seen; that alone bans nobody", async () => {
  const node = await startNode({ view: { epoch: () => 50, seqMin: () => 10 } });
  const peer = await makeBarePeer(2);
  const refused = async (changes: BindingChanges): Promise<void> => {
    await peer.join(addressOf(node), await peer.binding(changes)).catch(() => undefined);
    await eventually("it is disconnected", () => node.network.peers().length === 0);
    assert.not(knows(node, peer));
  };
  await refused({ seq: 11, expiresEpoch: 49 });
  await refused({ seq: 9 });
  const connection = await peer.join(addressOf(node), await peer.binding({ seq: 12 }));
  await eventually("a fresh one holds", () => knows(node, peer));
  await connection.close();
  await eventually("it is gone", () => node.network.peers().length === 0);
  await refused({ seq: 11 });
  assert.equal(node.network.bans(), []);
  await Promise.all([node.network.stop(), peer.stop()]);
});

test("one account on two peers: the newest binding stands, the other peer is disconnected", async () => {
  const log = createMemoryLog();
  const node = await startNode({ log });
  const [first, second] = [await makeBarePeer(3, { account: 77 }), await makeBarePeer(4, { account: 77 })];
  await first.join(addressOf(node));
  await eventually("the first is known", () => knows(node, first));
  await second.join(addressOf(node), await second.binding({ seq: 2 }));
  await eventually("the second stands alone", () => node.network.peers().length === 1);
  assert.is(node.network.peers()[0]?.peer, second.host.peerId.toString());
  assert.is(node.network.transport.peers().length, 1);
  assert.ok(log.lines.some(({ message }) => message.startsWith("an account is bound to another peer now")));
  await Promise.all([node.network.stop(), first.stop(), second.stop()]);
});

test("bindings are renewed in time, and one that ran out is asked for anew", async () => {
  let epoch = 0;
  const mesh = await startMesh(2, () => ({ view: { epoch: () => epoch } }));
  const [node] = mesh.nodes as [TestNode];
  const peer = await makeBarePeer(5);
  let connection: Connection = await peer.join(addressOf(node), await peer.binding({ expiresEpoch: 60 }));
  await eventually("all are known", () => node.network.transport.peers().length === 2);
  epoch = 61;
  await eventually("whose binding ran out is known no more", () => !knows(node, peer));
  assert.is(node.network.transport.peers().length, 1);
  await peer.bind(connection, await peer.binding({ seq: 2, expiresEpoch: 500 }));
  await eventually("until it shows a new one", () => knows(node, peer));
  epoch = 300;
  await new Promise((wake) => setTimeout(wake, 2_500));
  for (const { network } of mesh.nodes) assert.ok(network.transport.peers().length >= 1, "the two renewed theirs");
  connection = await peer.connect(addressOf(node));
  assert.is(connection.status, "open");
  await Promise.all([mesh.stop(), peer.stop()]);
});

test("a node whose addresses changed shows a new binding to whoever is connected", async () => {
  const options = { relay: true };
  const relay = await makeNode(33, { options: { ...options, relayServer: true } });
  await relay.network.start();
  // It listens on a relay, and so has an address only once that has taken it in.
  const moving = await makeNode(34, { options: { ...options, listen: ["/p2p-circuit"] } });
  await moving.network.start();
  await moving.network.dial(addressOf(relay), AbortSignal.timeout(5_000));
  await eventually("they are bound", () => relay.network.transport.peers().length === 1);
  const shown = (): number => relay.network.traffic().get("binding")?.received ?? 0;
  const before = shown();
  await eventually("it has an address", () => moving.network.addresses().length > 0, 20_000);
  await eventually("it shows another binding", () => shown() > before);
  await Promise.all([relay.network.stop(), moving.network.stop()]);
});

test("a node whose key is replaced on the ledger shows a new binding without a restart (I-7)", async () => {
  const [before, after] = [signerOf(30), signerOf(31)];
  let signer = before;
  const current: Signer = {
    accountId: before.accountId,
    get publicKey() {
      return signer.publicKey;
    },
    sign: (root, purpose) => signer.sign(root, purpose),
  };
  let keyIds: readonly Bytes[] = [];
  const view = { keyIds: () => keyIds };
  const log = createMemoryLog();
  const node = await startNode({ signer: current });
  const watcher = await makeNode(31, { view, log });
  await watcher.network.start();
  await watcher.network.dial(addressOf(node), AbortSignal.timeout(10_000));
  const bound = (): boolean =>
    watcher.network.transport.peers().some((account) => equalBytes(account, before.accountId));
  await eventually("it is bound with its first key", bound);
  let heard = 0;
  watcher.network.onPeer(() => void heard++);
  keyIds = [before.accountId, after.accountId];
  signer = after;
  await eventually("it is bound again, with the new key", () => heard > 0, 30_000);
  assert.ok(bound());
  // Once the old key is out of force, it binds nobody.
  keyIds = [after.accountId];
  heard = 0;
  signer = before;
  await eventually("the old key is refused", () => watcher.network.bans().length > 0, 30_000);
  assert.is(heard, 0);
  assert.ok(log.lines.some(({ fields }) => fields.fault === "wrong-account"));
  await Promise.all([node.network.stop(), watcher.network.stop()]);
});

test("I-7: a node that is behind takes a key that it does not know for no lie, and looks again when it has caught up", async () => {
  const log = createMemoryLog();
  let behind = true;
  let keyIds: readonly Bytes[] = [];
  const view = { mayLackKeys: () => behind, keyIds: () => keyIds };
  const node = await startNode({ log, view });
  const [rotated, honest, thief] = [await makeBarePeer(40), await makeBarePeer(41), await makeBarePeer(42)];
  const account = signerOf(7);
  // Its account's first key was replaced; this node's ledger does not know that yet.
  const binding = await rotated.binding({ accountId: account.accountId });
  const known = (id: Bytes) => node.network.transport.peers().some((one) => equalBytes(one, id));
  await rotated.join(addressOf(node), binding);
  await eventually("it is bound, for the time being", () => known(account.accountId));
  // Another takes neither that account from it, nor one that is proved from its peer.
  await thief
    .join(addressOf(node), await thief.binding({ accountId: account.accountId, seq: 1 << 30 }))
    .catch(() => {});
  await eventually("the second one is sent away", () => thief.host.getConnections().length === 0);
  await honest.join(addressOf(node), await honest.binding());
  await eventually("a proved one is bound", () => knows(node, honest));
  await thief.join(addressOf(node), await thief.binding({ accountId: honest.signer.accountId })).catch(() => {});
  await eventually("the thief is sent away", () => thief.host.getConnections().length === 0);
  assert.ok(knows(node, honest) && known(account.accountId));
  assert.equal(node.network.bans(), []);
  // One whose claim was false all along, of an account that nobody else had shown.
  const liar = await makeBarePeer(43);
  await liar.join(addressOf(node), await liar.binding({ accountId: signerOf(8).accountId }));
  await eventually("it is bound, for the time being", () => known(signerOf(8).accountId));
  // Caught up: what the ledger says now is what counts.
  keyIds = [rotated.signer.accountId, honest.signer.accountId];
  behind = false;
  await eventually("the false one is banned", () => node.network.bans().length === 1);
  assert.ok(known(account.accountId), "its key is on the ledger: it stays");
  await thief.join(addressOf(node), await thief.binding({ accountId: honest.signer.accountId })).catch(() => {});
  await eventually("with a ledger that is up to date, it is a lie", () => node.network.bans().length === 2);
  await Promise.all([node.network.stop(), rotated.stop(), honest.stop(), thief.stop(), liar.stop()]);
});

test("a node that begins with an old chain makes a binding that has not run out for those who are ahead", async () => {
  const late = await startNode({ view: { epoch: () => 0, latestEpoch: () => 5_000 } });
  const ahead = await makeNode(31, { view: { epoch: () => 4_990 } });
  await ahead.network.start();
  await ahead.network.dial(addressOf(late), AbortSignal.timeout(10_000));
  await eventually("both are bound", () =>
    [late, ahead].every(({ network }) => network.transport.peers().length === 1),
  );
  assert.equal(ahead.network.bans(), []);
  await Promise.all([late.network.stop(), ahead.network.stop()]);
});

test.run();
