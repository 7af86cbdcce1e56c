// Blocks and transactions a second of a real network: four processes on this machine with LevelDB, guard, libp2p over TCP and
// ML-DSA, a block interval of 10 ms, fifty transfers a second; and the time from a block's timestamp to its finality.
// Against what signing and syncing alone allow: the same signatures, guard records and synchronous batches of all four seats
// for one block after another, in one process, with nothing sent, checked or executed.
import "../../src/native/hasher.ts";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { devnetPassword, makeNetwork } from "../../simulation/mesh/make-network.ts";
import { NodeProcess } from "../../simulation/mesh/node-process.ts";
import { createClient, http, sendTransaction, watchHeads, webSocket } from "../../src/client/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { createNativeSigner } from "../../src/native/index.ts";
import { accessToken, openOperatorKey } from "../../src/node/offline.ts";
import { type Digest, digest, grains, networkId } from "../../src/primitives/index.ts";
import { signingWith } from "../../src/runtime/driver/signing.ts";
import { VoteMemory } from "../../src/runtime/driver/vote-memory.ts";
import { proposalStatementCodec, statementCodec, voteKinds } from "../../src/schema/index.ts";
import { createGuard, openGuard, openLevelStore } from "../../src/storage/index.ts";
import { type BenchResult, median } from "./measure.ts";

export const title = "blocks a second of four real nodes, against what signing and syncing alone allow";

const seats = 4;
const bodyBytes = 20_000;
const warmMs = 8_000;
const measuredMs = 20_000;
/** Each of five accounts sends so often. */
const laneMs = 100;

const hashOf = (text: string): Digest => digest(Uint8Array.from(createHash("sha256").update(text).digest()));

/** One seat's durable memories, as a node has them. */
async function seatIn(folder: string, seat: number) {
  const signer = createNativeSigner(hashOf(`seat ${seat}`));
  await createGuard(join(folder, `guard-${seat}`), signer.accountId);
  const guard = await openGuard(join(folder, `guard-${seat}`), signer.accountId);
  const store = await openLevelStore(join(folder, `db-${seat}`));
  const signing = signingWith(new VoteMemory(store, guard), signer, networkId(hashOf("bench")));
  return { guard, store, signing };
}

async function bound(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const memories = await Promise.all(Array.from({ length: seats }, (_, seat) => seatIn(folder, seat)));
  const body = new Uint8Array(bodyBytes);
  const block = async (view: number): Promise<void> => {
    const d = hashOf(`block ${view}`);
    const statement = (kind: (typeof voteKinds)[number]) => ({
      ...statementCodec.empty(),
      ...{ view, digest: d, kind: voteKinds.indexOf(kind) },
    });
    const leader = memories[view % seats] as (typeof memories)[number];
    await leader.store.batch([{ space: "bench", key: d, value: body }], { sync: true });
    await leader.signing.lockAndSign(view % seats, [
      { kind: "proposal", statement: { ...proposalStatementCodec.empty(), view, digest: d } },
    ]);
    for (const kind of ["notarize", "finalize"] as const) {
      await Promise.all(
        memories.map(({ signing }, seat) => signing.lockAndSign(seat, [{ kind: "vote", statement: statement(kind) }])),
      );
    }
    await Promise.all(
      memories.map(({ store }) => store.batch([{ space: "bench", key: d, value: body }], { sync: true })),
    );
  };
  for (let view = 1; view <= 20; view++) await block(view);
  const startedMs = performance.now();
  let blocks = 0;
  while (performance.now() - startedMs < measuredMs / 4) await block(21 + blocks++);
  const rate = (blocks * 1000) / (performance.now() - startedMs);
  for (const { guard, store } of memories) {
    await guard.close();
    await store.close();
  }
  return rate;
}

interface Seen {
  readonly blocksPerSecond: number;
  readonly transactionsPerSecond: number;
  readonly finalityMs: { readonly p50: number; readonly p99: number };
}

async function network(folder: string): Promise<Seen> {
  const parameters = { blockIntervalMs: 10, epochBlocks: 6000 } as const;
  const plan = { folder, nodes: seats, seed: 21, timestampMs: Date.now(), bondFair: 100, parameters, assets: false };
  const { nodes: plans, faucet } = await makeNetwork(plan);
  const nodes = plans.map((each) => new NodeProcess(each));
  const [first] = nodes as [NodeProcess];
  const stop = new AbortController();
  try {
    for (const node of nodes) node.start();
    const loads = await Promise.all(
      [faucet, ...plans.map((each) => each.folder)].map(async (data) => {
        const { keys } = await openOperatorKey(data.operatorKey, devnetPassword);
        return keys.signer;
      }),
    );
    await reached(first, 20);
    const { config } = loadConfig({ environment: {}, flags: {}, file: first.plan.folder.config });
    const token = await accessToken(config, first.plan.folder, ["read", "write"], 600);
    const client = createClient({ transport: http(first.plan.rpcUrl, { token }), retries: 0 });
    const lanes = loads.map(async (signer) => {
      const to = (loads.find((other) => other !== signer) as typeof signer).accountId;
      const body = { kind: "transfer", value: { to, amount: grains(1n) } } as const;
      while (!stop.signal.aborted) {
        // What is refused (a full queue, a nonce that another call took) is tried again at the next turn.
        await sendTransaction(client, { signer, body }).catch(() => {});
        await new Promise((wake) => setTimeout(wake, laneMs));
      }
    });
    await new Promise((wake) => setTimeout(wake, warmMs));
    const seen = await watch(first, measuredMs);
    stop.abort();
    await Promise.allSettled(lanes);
    client.close();
    return seen;
  } finally {
    stop.abort();
    await Promise.all(nodes.map((node) => node.stop()));
  }
}

/** Waits until a node is at a height; throws with the end of its log when it takes too long. */
async function reached(node: NodeProcess, height: number): Promise<void> {
  const endMs = performance.now() + 60_000;
  const heightNow = async () => (await node.client.request("node_status").catch(() => undefined))?.height ?? 0;
  while ((await heightNow()) < height) {
    if (performance.now() > endMs) throw new Error(`the network did not start:\n${node.logTail()}`);
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

/** What one node tells of final blocks for a while; the clocks are one machine's. */
async function watch(node: NodeProcess, forMs: number): Promise<Seen> {
  const client = createClient({ transport: webSocket(node.plan.rpcUrl) });
  const agesMs: number[] = [];
  let transactions = 0;
  const stop = watchHeads(client, {
    onEvent: (head) => {
      agesMs.push(Date.now() - Date.parse(head.time));
      transactions += head.transactions;
    },
  });
  await new Promise((wake) => setTimeout(wake, forMs));
  stop();
  client.close();
  const sorted = agesMs.toSorted((a, b) => a - b);
  return {
    blocksPerSecond: (agesMs.length * 1000) / forMs,
    transactionsPerSecond: Math.round((transactions * 1000) / forMs),
    finalityMs: { p50: median(sorted), p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN },
  };
}

export async function run(): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), "fairmesh-bench-"));
  try {
    const before = await bound(join(folder, "one"));
    const { blocksPerSecond, ...seen } = await network(join(folder, "network"));
    const after = await bound(join(folder, "two"));
    const baseline = (before + after) / 2;
    const rounded = (value: number): number => Number(value.toPrecision(4));
    return {
      ours: rounded(blocksPerSecond),
      baseline: rounded(baseline),
      ratio: rounded(blocksPerSecond / baseline),
      unit: "blocks/s, more is better",
      ...seen,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
