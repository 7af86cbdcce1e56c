// The real ledger under the real consensus, on simulated network and disks: four nodes through several epochs and terms, with
// audits, rewards, and a node that crashes in the middle of an epoch. One state everywhere, conserved, and provable.
import "../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  type ComposedNode,
  cheapVerifier,
  type NodePorts,
  Scheduler,
  SimulatedDisk,
  SimulatedNetwork,
  SimulatedNode,
  seededRandom,
} from "../../simulation/environment/index.ts";
import { verifyRewardCertificate } from "../../src/client/index.ts";
import { timingOf } from "../../src/consensus/index.ts";
import { totalOf } from "../../src/ledger/index.ts";
import { toHex } from "../../src/primitives/index.ts";
import { createApplication, type LedgerApplication } from "../../src/runtime/application/index.ts";
import { createDriver, type Driver } from "../../src/runtime/driver/index.ts";
import { networkIdOf } from "../../src/schema/index.ts";
import { TestChain, type TestOperator } from "../support/test-chain.ts";

test("four ledgers agree through epochs, terms and a crash; every reward is paid once and proved by any of them", async () => {
  const random = seededRandom("ledger");
  const plan = await TestChain.create();
  const { genesis, parameters: p } = plan;
  const startMs = genesis.timestampMs + p.blockIntervalMs;
  const scheduler = new Scheduler({ startMs, random: random.stream("order") });
  const network = new SimulatedNetwork({ scheduler, random: random.stream("network"), latencyMs: () => 20 });
  const apps = new Map<number, LedgerApplication>();
  const roots = new Map<number, string>();
  let commits = 0;

  /** What node 0 has seen final decides what everyone sends next; gossip is instant here. */
  const onCommit = async (index: number, app: LedgerApplication): Promise<void> => {
    const { header } = app.queries.head();
    const root = toHex(header.stateRoot);
    const known = roots.get(header.height) ?? root;
    roots.set(header.height, known);
    assert.is(root, known, `two states at height ${header.height}`);
    commits++;
    if (index !== 0) return;
    plan.app = app;
    plan.others = [...apps.values()].filter((one) => one !== app);
    if (header.height === 1) for (const owner of plan.operators.slice(0, 2)) await plan.registerAsset(owner);
    await plan.duties((entry) => entry);
  };

  const compose =
    (index: number, operator: TestOperator) =>
    (ports: NodePorts): ComposedNode => {
      let running: Driver | undefined;
      const start = async (): Promise<void> => {
        const beacon = { reveal: (generation: number, at: number) => operator.beacons[generation]?.preimage(at) };
        const app = await createApplication({ genesis, store: ports.store, verifier: cheapVerifier, beacon });
        apps.set(index, app);
        app.onCommit(() => void onCommit(index, app));
        const timing = timingOf(p.blockIntervalMs, p.deltaMs);
        const own = { signer: operator.signer, verifier: cheapVerifier, networkId: networkIdOf(genesis), timing };
        running = createDriver({ ...ports, ...own, application: app });
        await running.start();
      };
      // The driver is made once its application has read the disk.
      const driver = { status: () => running?.status() ?? { phase: "starting" } } as Driver;
      return { driver, start };
    };

  const nodes = plan.operators.map((operator) => {
    const index = network.add(operator.account);
    const disk = new SimulatedDisk({
      scheduler,
      random: random.stream(`disk ${index}`),
      syncMs: 1,
      label: String(index),
    });
    const ports = { index, scheduler, network, disk, random: random.stream(`node ${index}`), clockOffsetMs: 0 };
    return new SimulatedNode({ ...ports, compose: compose(index, operator) });
  });
  for (const node of nodes) node.start();
  const heightOf = (index: number): number => apps.get(index)?.tip().facts.height ?? 0;
  const until = (height: number) => scheduler.run(startMs + 200_000, () => heightOf(0) >= height);

  // In the last sixth of epoch 3 a settlement is under way: node 2 loses its memory there.
  await until(3 * 12 + 11);
  nodes[2]?.crash();
  await until(4 * 12 + 3);
  nodes[2]?.start();
  await until(6 * 12 + 5);
  await scheduler.run(scheduler.nowMs + 5000);

  assert.equal(plan.refused, []);
  for (const index of [0, 1, 2, 3]) {
    const app = apps.get(index) as LedgerApplication;
    assert.ok(heightOf(index) >= 6 * 12 + 5, `node ${index} is at height ${heightOf(index)}`);
    const sums = app.queries.chain();
    assert.is(totalOf(sums), p.supplyAtGenesis + sums.emitted);
    assert.ok((app.queries.epochRecord(4)?.kinds[0]?.paid as bigint) > 0n);
    assert.equal(app.queries.epochRecord(4), apps.get(0)?.queries.epochRecord(4));
    const made = await app.queries.certificate(4, plan.assets[0] as never);
    assert.ok(made.ok, `node ${index}`);
    const trust = { verifier: cheapVerifier, nowMs: startMs, genesis };
    const verdict = await verifyRewardCertificate(made.value, trust);
    assert.is(verdict.outcome === "unanchored" && verdict.reason, "checkpoint-none");
  }
  assert.ok(commits > 4 * 72);
});

test.run();
