// Real processes killed and started again: what was final stays final, nobody forks, a node that was away catches up, and an
// orderly end is exit code 0.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeNetwork } from "../../simulation/mesh/make-network.ts";
import { NodeProcess } from "../../simulation/mesh/node-process.ts";

const folder = await mkdtemp(join(tmpdir(), "fairmesh-restart-"));
const { nodes: plans } = await makeNetwork({ folder, nodes: 4, seed: 11, timestampMs: Date.now(), bondFair: 100 });
const nodes = plans.map((plan) => new NodeProcess(plan));

test.before(() => {
  for (const node of nodes) node.start();
});
test.after(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await rm(folder, { recursive: true, force: true });
});

const heightOf = async (node: NodeProcess): Promise<number> => {
  try {
    return (await node.client.request("node_status")).height;
  } catch {
    return 0;
  }
};
const digestAt = async (node: NodeProcess, height: number): Promise<string> =>
  (await node.client.request("chain_getBlock", { height })).digest;

async function reach(node: NodeProcess, height: number, withinMs: number): Promise<void> {
  const endMs = performance.now() + withinMs;
  while ((await heightOf(node)) < height) {
    if (performance.now() > endMs)
      throw new Error(`${node.plan.name} is at ${await heightOf(node)}, not ${height}:\n${node.logTail()}`);
    await new Promise((wake) => setTimeout(wake, 250));
  }
}

test("one node killed: the others go on; started again, it catches up on the same chain", async () => {
  const [first, second] = nodes as [NodeProcess, NodeProcess];
  await reach(first, 8, 60_000);
  second.kill("SIGKILL");
  const before = await heightOf(first);
  await reach(first, before + 6, 60_000);
  second.start();
  await reach(second, before + 10, 60_000);
  assert.is(await digestAt(second, before), await digestAt(first, before));
  assert.is(await digestAt(second, before + 5), await digestAt(first, before + 5));
});

test("all nodes killed at once: what was final is still there, and the network goes on", async () => {
  const [first, second] = nodes as [NodeProcess, NodeProcess];
  const height = await heightOf(first);
  const digest = await digestAt(first, height);
  for (const node of nodes) node.kill("SIGKILL");
  await new Promise((wake) => setTimeout(wake, 1_000));
  for (const node of nodes) node.start();
  await reach(first, height + 5, 90_000);
  await reach(second, height + 5, 30_000);
  assert.is(await digestAt(first, height), digest);
  assert.is(await digestAt(second, height + 5), await digestAt(first, height + 5));
});

test("SIGTERM ends every node with exit code 0, and a second start on one folder is refused", async () => {
  const twin = new NodeProcess(nodes[0]?.plan ?? (plans[0] as (typeof plans)[0]));
  twin.start();
  const endMs = performance.now() + 20_000;
  while (twin.running && performance.now() < endMs) await new Promise((wake) => setTimeout(wake, 100));
  assert.match(twin.logTail(), /STORE_LOCKED/);
  await Promise.all(nodes.map((node) => node.stop()));
  assert.equal(
    nodes.map((node) => node.exit),
    [0, 0, 0, 0],
  );
});

test.run();
