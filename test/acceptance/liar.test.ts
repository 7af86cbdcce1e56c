// A running node and a peer that says what no correct peer says: found out by the node, held against the peer, and in the end
// the peer is banned, disconnected and refused, with the reason in the log.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "@libp2p/interface";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeNetwork } from "../../simulation/mesh/make-network.ts";
import { NodeProcess } from "../../simulation/mesh/node-process.ts";
import { parseGenesis } from "../../src/config/index.ts";
import { genesisState, readRecord } from "../../src/ledger/index.ts";
import type { Bytes } from "../../src/primitives/index.ts";
import {
  encodeConsensusMessage,
  networkIdOf,
  numberKey,
  readParameters,
  statusCodec,
  tables,
} from "../../src/schema/index.ts";
import { type BarePeer, makeBarePeer } from "../support/bare-peer.ts";
import { lengthPrefixed } from "../support/proto.ts";

const folder = await mkdtemp(join(tmpdir(), "fairmesh-liar-"));
const { nodes: plans } = await makeNetwork({
  ...{ folder, nodes: 4, seed: 31, timestampMs: Date.now(), bondFair: 100 },
  assets: false,
});
// One of four: nothing becomes final, which is of no matter here.
const node = new NodeProcess(plans[0] as (typeof plans)[number]);
const genesis = parseGenesis(await readFile(node.plan.folder.genesis, "utf8"));
const networkId = networkIdOf(genesis);
const peers: BarePeer[] = [];

test.before(() => node.start());
test.after(async () => {
  await Promise.all(peers.map((peer) => peer.stop()));
  await node.stop();
  await rm(folder, { recursive: true, force: true });
});

async function eventually(what: string, look: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  for (const endMs = performance.now() + withinMs; performance.now() < endMs; ) {
    if (await look().catch(() => false)) return;
    await new Promise((wake) => setTimeout(wake, 200));
  }
  throw new Error(`${what} did not come\n${node.logTail()}`);
}

async function comeIn(index: number): Promise<{ readonly peer: BarePeer; readonly connection: Connection }> {
  const peer = await makeBarePeer(index, { networkId });
  peers.push(peer);
  await eventually("the node", async () => (await node.client.request("node_status")).height === 0);
  return { peer, connection: await peer.join(node.plan.multiaddr) };
}

/** Lies until the node has had enough, and tries to come back. */
async function bannedFor(
  reason: string,
  { peer, connection }: Awaited<ReturnType<typeof comeIn>>,
  lie: () => Promise<void>,
) {
  for (let count = 0; count < 20 && connection.status === "open"; count++) {
    await lie().catch(() => undefined);
    await new Promise((wake) => setTimeout(wake, 200));
  }
  await eventually("it is disconnected", async () => connection.status !== "open");
  const log = await readFile(node.logFile, "utf8");
  const line = log
    .split("\n")
    .find((each) => each.includes("a peer is banned") && each.includes(peer.host.peerId.toString()));
  assert.ok(line?.includes(`false-answer: ${reason}`), `${line}`);
  const again = await peer.join(node.plan.multiaddr).then(
    () => "let in",
    () => "refused",
  );
  assert.is(again, "refused");
}

test("forged finalizations: a peer that sends them is banned", async () => {
  const parameters = readParameters(genesis.parameters);
  if (!parameters.ok) throw new Error("the network's parameters are whole");
  const { state } = genesisState(genesis, parameters.value);
  const committee = readRecord(state, tables.committees, numberKey(0));
  if (committee === undefined) throw new Error("genesis names the first committee");
  const joined = await comeIn(700);
  const stream = await joined.peer.open(joined.connection, "message/consensus");
  let view = 1;
  await bannedFor("signature", joined, async () => {
    const statement = { term: 0, committeeRoot: committee.root, view: view++, kind: 2, digest: networkId as Bytes };
    const certificate = {
      statement,
      signers: Uint8Array.of(0b111),
      signatures: [1, 2, 3].map((fill) => new Uint8Array(3309).fill(fill)),
    };
    stream.send(lengthPrefixed(encodeConsensusMessage({ kind: "certificate", certificate } as never)));
  });
});

test("questions that are none: a peer that asks them is banned", async () => {
  const joined = await comeIn(701);
  const question = new Uint8Array(7).fill(255);
  const read = statusCodec.decode(question);
  if (read.ok) throw new Error("it is no status");
  await bannedFor(read.error.code, joined, async () => {
    const stream = await joined.peer.open(joined.connection, "request/consensus-status");
    stream.send(lengthPrefixed(question));
  });
});

test.run();
