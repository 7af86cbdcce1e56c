// How nodes come to one another without being told an address: on one link by mDNS, through a relay where nothing else leads to
// a node, and then directly where a hole can be punched; and what helps with that: autonat, and UPnP where there is a gateway.
import { createSocket } from "node:dgram";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { AccountId } from "../../src/primitives/index.ts";
import { equalBytes } from "../../src/primitives/index.ts";
import { makeBarePeer } from "../support/bare-peer.ts";
import { stopAfterEach } from "../support/stop-after.ts";
import { eventually, type MakeNode, makeNode, type TestNode } from "../support/test-network.ts";

const during = stopAfterEach(test);
const soon = (): AbortSignal => AbortSignal.timeout(15_000);
const patienceMs = 30_000;

async function start(index: number, options: NonNullable<MakeNode["options"]>): Promise<TestNode> {
  const node = await makeNode(index, { options });
  await node.network.start();
  await during({ stop: () => node.network.stop() });
  return node;
}

const addressOf = ({ network }: TestNode): string => network.addresses()[0] as string;
const knows = ({ network }: TestNode, account: AccountId): boolean =>
  network.transport.peers().some((each) => equalBytes(each, account));
const pathsTo = ({ network }: TestNode, other: TestNode): readonly string[] =>
  network.peers().flatMap(({ peer, addresses }) => (peer === other.network.peerId ? addresses : []));

/** A relay, and a node that listens on nothing but a place at that relay. */
async function relayed() {
  const relay = await start(60, { relay: true, relayServer: true });
  const hidden = await start(61, { relay: true, listen: [`${addressOf(relay)}/p2p-circuit`] });
  await eventually("the relay keeps a place", () => hidden.network.addresses().length > 0, patienceMs);
  assert.match(addressOf(hidden), /\/p2p-circuit\/p2p\//);
  return { relay, hidden };
}

/** Why mDNS cannot work on this machine, if so: a packet to its group does not come back. */
function multicastProblem(): Promise<string | undefined> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  return new Promise<string | undefined>((settle) => {
    const timer = setTimeout(() => settle("a multicast packet did not come back within 2 s"), 2_000);
    socket.on("error", (error) => settle(String(error)));
    socket.on("message", () => settle(undefined));
    socket.bind(0, () => {
      try {
        socket.addMembership("224.0.0.251");
        socket.setMulticastLoopback(true);
        socket.send("there?", socket.address().port, "224.0.0.251");
      } catch (error) {
        settle(String(error));
      }
    });
    void timer.unref();
  }).finally(() => socket.close());
}
const problem = await multicastProblem();
if (problem !== undefined) console.log(`mDNS is not tested: ${problem}`);

(problem === undefined ? test : test.skip)("mDNS: two nodes on one link find each other", async () => {
  const options = { mdns: true, listen: ["/ip4/0.0.0.0/tcp/0"] };
  const [first, second] = [await start(50, options), await start(51, options)];
  const found = (): boolean => knows(first, second.signer.accountId) && knows(second, first.signer.accountId);
  await eventually("they are bound", found, patienceMs);
});

test("a node that only a relay leads to is found out and bound through it; nothing else is said there", async () => {
  const { hidden } = await relayed();
  // It takes no connection either, so no hole can be punched.
  const asker = await start(62, { relay: true, listen: [] });
  hidden.network.transport.onRequest("late", async function* () {});
  await asker.network.dial(addressOf(hidden), soon());
  await eventually("they are bound", () => knows(asker, hidden.signer.accountId), patienceMs);
  const paths = pathsTo(asker, hidden);
  assert.ok(paths.length > 0 && paths.every((path) => path.includes("/p2p-circuit")), paths.join(" "));
  const answer = asker.network.transport.request(hidden.signer.accountId, "late", new Uint8Array(1), soon());
  let code = "none";
  try {
    for await (const _ of answer);
  } catch (error) {
    code = (error as { code: string }).code;
  }
  assert.is(code, "PEER_UNREACHABLE", "a limited connection carries the binding only");
});

test("dcutr: where one of two can be reached, the relay is replaced by a direct connection", async () => {
  const { hidden } = await relayed();
  const asker = await start(63, { relay: true });
  await asker.network.dial(addressOf(hidden), soon());
  await eventually(
    "there is a direct connection",
    () => pathsTo(asker, hidden).some((path) => !path.includes("/p2p-circuit")),
    patienceMs,
  );
  hidden.network.transport.onMessage("late", async () => {});
  assert.ok(knows(asker, hidden.signer.accountId));
});

test("autonat: who may be behind a translation can ask, and a node without the option does not answer", async () => {
  const [asked, other] = [await start(64, { relay: true }), await start(65, {})];
  const peer = await during(makeBarePeer(600));
  const protocolsOf = async (node: TestNode): Promise<readonly string[]> => {
    const connection = await peer.join(addressOf(node));
    for (const endMs = performance.now() + patienceMs; performance.now() < endMs; ) {
      const { protocols } = await peer.host.peerStore.get(connection.remotePeer);
      if (protocols.length > 0) return protocols;
      await new Promise((wake) => setTimeout(wake, 50));
    }
    throw new Error("identify was not done");
  };
  assert.ok((await protocolsOf(asked)).some((each) => each.includes("autonat/2/dial-request")));
  assert.not.ok((await protocolsOf(other)).some((each) => each.includes("autonat")));
});

test("UPnP: without a gateway it starts, and stops at once", async () => {
  const node = await makeNode(66, { options: { upnp: true } });
  await node.network.start();
  await new Promise((wake) => setTimeout(wake, 200));
  const startedMs = performance.now();
  await node.network.stop();
  assert.ok(performance.now() - startedMs < 5_000);
});

test.run();
