// A real process that comes late: it joins its network by state, is killed in the middle of it and begins again, follows the
// others' chain, and a second time begins from a block that its operator pins. The others' status shows what to pin.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeNetwork } from "../../simulation/mesh/make-network.ts";
import { NodeProcess } from "../../simulation/mesh/node-process.ts";
import type { NodeStatus } from "../../src/client/index.ts";
import { until } from "../support/until-status.ts";

const folder = await mkdtemp(join(tmpdir(), "fairmesh-join-"));
// Four seats, so that the fifth operator is not missed before it comes; short terms, long trust.
const parameters = { seatsMax: 4, epochBlocks: 12, blockIntervalMs: 100, trustingEpochs: 900 };
const termBlocks = 24;
const { nodes: plans } = await makeNetwork({
  ...{ folder, nodes: 5, seed: 12, timestampMs: Date.now(), bondFair: 100, parameters, assets: false },
});
const nodes = plans.map((plan) => new NodeProcess(plan));
const [first, late] = [nodes[0], nodes[4]] as [NodeProcess, NodeProcess];

test.before(() => {
  for (const node of nodes.slice(0, 4)) node.start();
});
test.after(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await rm(folder, { recursive: true, force: true });
});

const sameChain = async (height: number): Promise<void> => {
  const [one, other] = await Promise.all(
    [first, late].map((node) => node.client.request("chain_getBlock", { height })),
  );
  assert.is(one?.digest, other?.digest);
};

async function joined(): Promise<NodeStatus> {
  const status = await until(late, ({ blocksFrom, syncing }) => blocksFrom > 1 && !syncing, 60_000);
  assert.is(status.blocksFrom % termBlocks, 0, "it begins at a term's end");
  const on = await until(late, ({ height }) => height >= status.height + 8, 60_000);
  await sameChain(status.height + 4);
  return on;
}

test("a late process joins by state, though it is killed while it does, and follows", async () => {
  await until(first, ({ height }) => height > 2 * termBlocks, 120_000);
  late.start();
  const endMs = performance.now() + 60_000;
  while (!(await readFile(late.logFile, "utf8")).includes("joining by state")) {
    assert.ok(performance.now() < endMs, late.logTail());
    await new Promise((wake) => setTimeout(wake, 5));
  }
  late.kill("SIGKILL");
  while (late.running) await new Promise((wake) => setTimeout(wake, 20));
  late.start();
  await joined();
  assert.not.match(await readFile(late.logFile, "utf8"), /STATE_DAMAGED|STORE_DAMAGED/);
});

test("another start finds the chain that was adopted; a node without data begins at the block that is pinned", async () => {
  await late.stop();
  assert.is(late.exit, 0);
  const { checkpoint } = await until(first, ({ checkpoint }) => checkpoint !== undefined, 10_000);
  await rm(late.plan.folder.database, { recursive: true });
  await rm(`${late.plan.folder.database}.sentinel`);
  const config = await readFile(late.plan.folder.config, "utf8");
  const pinned = config.replace("node:\n", `node:\n  checkpoint: "${checkpoint?.digest}"\n`);
  await writeFile(late.plan.folder.config, pinned);
  late.start();
  const status = await joined();
  assert.ok(status.blocksFrom >= (checkpoint?.height ?? 0));
});

test.run();
