// npm run soak -- [--minutes 30] [--seed 1] [--nodes 4] [--json]: a local network under load with random kills and restarts,
// watched for what only time shows: memory that grows, nodes that diverge, promises that nobody caught. Exit code 1 when one
// of them is seen. Memory is flat when the median of each node's last third, since its last start, is not a quarter above
// that of its middle third; what a node holds by then (caches, heap not yet collected) has levelled off.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createClient, http, sendTransaction } from "../../src/client/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { accessToken, openOperatorKey } from "../../src/node/offline.ts";
import { grains } from "../../src/primitives/index.ts";
import { seededRandom } from "../environment/index.ts";
import { devnetPassword, makeNetwork } from "./make-network.ts";
import { NodeProcess } from "./node-process.ts";

const { values: flags } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    seed: { type: "string", default: "1" },
    nodes: { type: "string", default: "4" },
    json: { type: "boolean", default: false },
  },
});
const minutes = Number(flags.minutes);
const random = seededRandom(`soak ${flags.seed}`);
const sampleMs = 5_000;
/** Between two kills, on average. */
const killEveryMs = 60_000;
const downMs = 5_000;
const growthMax = 1.25;

interface Sample {
  readonly atMs: number;
  readonly mebibytes: number;
}
interface Watched {
  readonly node: NodeProcess;
  samples: Sample[];
  kills: number;
}

const pause = (ms: number) => new Promise((wake) => setTimeout(wake, ms));
const note = (text: string): void => void process.stderr.write(`${text}\n`);

async function memoryOf({ plan }: NodeProcess): Promise<number | undefined> {
  const text = await fetch(plan.metricsUrl, { signal: AbortSignal.timeout(3_000) }).then(
    (response) => response.text(),
    () => "",
  );
  const bytes = /^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1];
  return bytes === undefined ? undefined : Number(bytes) / 2 ** 20;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Growth from the middle third to the last third of a node's life; undefined for one that lives too short to tell. */
function growthOf(samples: readonly Sample[]): number | undefined {
  if (samples.length < 24) return undefined;
  const third = Math.floor(samples.length / 3);
  const middle = median(samples.slice(third, 2 * third).map(({ mebibytes }) => mebibytes));
  return median(samples.slice(2 * third).map(({ mebibytes }) => mebibytes)) / middle;
}

/** Two digests at the height that every running node has, if there are two. */
async function divergence(nodes: readonly NodeProcess[]): Promise<string | undefined> {
  const seen = await Promise.all(
    nodes.map(async ({ client, plan }) => {
      const height = (await client.request("node_status").catch(() => undefined))?.height;
      return height === undefined ? undefined : { client, height, name: plan.name };
    }),
  );
  const up = seen.filter((each) => each !== undefined);
  const height = Math.min(...up.map((each) => each.height));
  if (!(height > 0)) return undefined;
  const digests = await Promise.all(
    up.map(({ client }) =>
      client.request("chain_getBlock", { height }).then(
        ({ digest }) => digest,
        () => undefined,
      ),
    ),
  );
  const different = new Set(digests.filter((digest) => digest !== undefined));
  return different.size > 1
    ? `nodes hold different blocks at height ${height}: ${[...different].join(", ")}`
    : undefined;
}

/** Transfers of one grain from the faucet through whichever node is asked, until stopped. */
async function load(
  nodes: readonly NodeProcess[],
  faucetKey: string,
  stopped: AbortSignal,
): Promise<{ readonly sent: number; readonly refused: number }> {
  const { keys } = await openOperatorKey(faucetKey, devnetPassword);
  const clients = await Promise.all(
    nodes.map(async ({ plan }) => {
      const { config } = loadConfig({ environment: {}, flags: {}, file: plan.folder.config });
      const token = await accessToken(config, plan.folder, ["read", "write"], 86_400);
      return createClient({ transport: http(plan.rpcUrl, { token, timeoutMs: 3_000 }), retries: 0 });
    }),
  );
  const body = { kind: "transfer", value: { to: keys.signer.accountId, amount: grains(1n) } } as const;
  let [sent, refused] = [0, 0];
  while (!stopped.aborted) {
    const client = clients[random.below(clients.length)] as (typeof clients)[number];
    await sendTransaction(client, { signer: keys.signer, body }).then(
      () => sent++,
      () => refused++,
    );
    await pause(100);
  }
  for (const client of clients) client.close();
  return { sent, refused };
}

async function watch(watched: readonly Watched[]): Promise<readonly string[]> {
  const faults: string[] = [];
  const endMs = performance.now() + minutes * 60_000;
  let nextKillMs = performance.now() + killEveryMs;
  while (performance.now() < endMs && faults.length === 0) {
    await pause(sampleMs);
    for (const each of watched) {
      const mebibytes = await memoryOf(each.node);
      if (mebibytes !== undefined) each.samples.push({ atMs: performance.now(), mebibytes });
      if (!each.node.running) faults.push(`${each.node.plan.name} ended by itself:\n${each.node.logTail()}`);
    }
    const split = await divergence(watched.map(({ node }) => node));
    if (split !== undefined) faults.push(split);
    const left = Math.round((endMs - performance.now()) / 1000);
    const sizes = watched.map(({ samples }) => `${Math.round(samples.at(-1)?.mebibytes ?? 0)} MiB`).join(", ");
    note(`${left} s left: ${sizes}; ${watched.reduce((sum, { kills }) => sum + kills, 0)} kills`);
    // The last node is never killed, so that one life is as long as the whole run.
    if (performance.now() < nextKillMs || endMs - performance.now() < killEveryMs) continue;
    nextKillMs += killEveryMs / 2 + random.below(killEveryMs);
    const victim = watched[random.below(watched.length - 1)] as Watched;
    victim.node.kill("SIGKILL");
    victim.kills++;
    victim.samples = [];
    await pause(downMs);
    victim.node.start();
  }
  return faults;
}

async function soak(folder: string): Promise<number> {
  const plan = { folder, nodes: Number(flags.nodes), seed: Number(flags.seed), timestampMs: Date.now(), bondFair: 100 };
  const { nodes: plans, faucet } = await makeNetwork(plan);
  const watched: readonly Watched[] = plans.map((each) => ({ node: new NodeProcess(each), samples: [], kills: 0 }));
  const nodes = watched.map(({ node }) => node);
  const stop = new AbortController();
  for (const node of nodes) node.start();
  await pause(sampleMs);
  const loading = load(nodes, faucet.operatorKey, stop.signal);
  const faults = [...(await watch(watched).finally(() => stop.abort()))];
  const { sent, refused } = await loading;
  const height = Math.max(
    ...(await Promise.all(
      nodes.map((node) =>
        node.client.request("node_status").then(
          (s) => s.height,
          () => 0,
        ),
      ),
    )),
  );
  await Promise.all(nodes.map((node) => node.stop()));
  for (const { node, samples } of watched) {
    const log = await readFile(node.logFile, "utf8");
    if (/unhandled|uncaught/i.test(log))
      faults.push(`${node.plan.name} left a rejection unhandled: see ${node.logFile}`);
    const growth = growthOf(samples);
    if (growth !== undefined && growth > growthMax) faults.push(`${node.plan.name} grew by ${growth.toFixed(2)}`);
  }
  const report = {
    minutes,
    height,
    sent,
    refused,
    nodes: watched.map(({ node, samples, kills }) => ({
      name: node.plan.name,
      kills,
      medianMebibytes: Math.round(median(samples.map(({ mebibytes }) => mebibytes))),
      growth: Number(growthOf(samples)?.toFixed(3) ?? Number.NaN),
      exit: node.exit,
    })),
    faults,
    command: `npm run soak -- --minutes ${minutes} --seed ${flags.seed} --nodes ${flags.nodes}`,
  };
  process.stdout.write(`${JSON.stringify(report, null, flags.json ? 0 : 2)}\n`);
  return faults.length === 0 ? 0 : 1;
}

const folder = await mkdtemp(join(tmpdir(), "fairmesh-soak-"));
process.exitCode = await soak(folder);
if (process.exitCode === 0) await rm(folder, { recursive: true, force: true });
