// A real process that sleeps until its peers have let go of the blocks that it needs: awake, it begins anew by itself, joins by
// state and follows the others' chain. Slow, for that takes as long as bodies are kept (L-9).
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeNetwork } from "../../simulation/mesh/make-network.ts";
import { NodeProcess } from "../../simulation/mesh/node-process.ts";
import { until } from "../support/until-status.ts";

const folder = await mkdtemp(join(tmpdir(), "fairmesh-left-behind-"));
// Four seats, so that the fifth operator is not missed while it sleeps; short epochs, long trust.
const parameters = { seatsMax: 4, epochBlocks: 12, blockIntervalMs: 100, trustingEpochs: 900 };
const { nodes: plans } = await makeNetwork({
  ...{ folder, nodes: 5, seed: 21, timestampMs: Date.now(), bondFair: 100, parameters, assets: false },
});
const nodes = plans.map((plan) => new NodeProcess(plan));
const [first, sleeper] = [nodes[0], nodes[4]] as [NodeProcess, NodeProcess];

test.before(() => {
  for (const node of nodes) node.start();
});
test.after(async () => {
  sleeper.kill("SIGCONT");
  await Promise.all(nodes.map((node) => node.stop()));
  await rm(folder, { recursive: true, force: true });
});

test("a node that slept too long joins by state in the same process", async () => {
  const asleep = await until(sleeper, ({ height }) => height >= 20, 60_000);
  sleeper.kill("SIGSTOP");
  await until(first, ({ blocksFrom }) => blocksFrom > asleep.height + 24, 240_000);
  sleeper.kill("SIGCONT");
  const { pid } = sleeper;
  const awake = await until(sleeper, ({ blocksFrom, syncing }) => blocksFrom > asleep.height && !syncing, 120_000);
  await until(sleeper, ({ height }) => height >= awake.height + 8, 60_000);
  const [one, other] = await Promise.all(
    [first, sleeper].map((node) => node.client.request("chain_getBlock", { height: awake.height + 4 })),
  );
  assert.is(one?.digest, other?.digest);
  assert.ok(sleeper.running && sleeper.pid === pid);
  assert.match(await readFile(sleeper.logFile, "utf8"), /begins anew, to join by state/);
});

test.run();
