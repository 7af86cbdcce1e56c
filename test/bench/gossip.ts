// Signed advertisements gossiped between six nodes over TCP in one process, each validated at every node, against the same
// gossipsub over plain libp2p that passes everything on unjudged. The load is closed: so many messages are on their way at a
// time. A delivery is a message at one node; its time runs from publishing to the verdict.
import "../../src/native/hasher.ts";
import { sha256 } from "../../src/crypto/index.ts";
import { createVerifier } from "../../src/native/index.ts";
import { topicName } from "../../src/network/topics.ts";
import { type AssetId, type Bytes, keyOf } from "../../src/primitives/index.ts";
import { capacityRule, createSequencedValidator } from "../../src/validation/index.ts";
import { Advertisers } from "../support/advertisers.ts";
import { makePlainHost } from "../support/plain-host.ts";
import { eventually, startMesh, testNetworkId } from "../support/test-network.ts";
import { alternate, type BenchResult, median } from "./measure.ts";

export const title = "validated advertisements delivered a second by six nodes, against gossipsub without validation";

const nodesCount = 6;
const messagesPerRound = 300;
const onTheWay = 12;
const rounds = 5;
const topic = topicName(testNetworkId, "capacity");

/** A mesh that carries messages: `publish` from one node; `onDelivery` hears of each at each other node. */
interface Carrier {
  publish(index: number, bytes: Bytes): Promise<void>;
  onDelivery(run: (id: string) => void): void;
  stop(): Promise<void>;
}

const idOf = (bytes: Bytes): string => keyOf(sha256(bytes).subarray(0, 8));

async function ours(advertisers: Advertisers): Promise<Carrier> {
  const { nodes, stop } = await startMesh(nodesCount);
  let onId: (id: string) => void = () => {};
  const verifier = createVerifier();
  for (const { network } of nodes) {
    const validate = createSequencedValidator(capacityRule, {
      view: advertisers.view,
      verifier,
      subjectsMax: 100_000,
    });
    network.transport.onGossip("capacity", async (bytes) => {
      const checked = await validate(bytes);
      if (checked.ok) void onId(idOf(bytes));
      return checked.ok ? "accept" : checked.error.verdict;
    });
  }
  return {
    publish: (index, bytes) => nodes[index % nodesCount]?.network.transport.publish("capacity", bytes) as Promise<void>,
    onDelivery: (run) => {
      onId = run;
    },
    stop,
  };
}

async function plain(): Promise<Carrier> {
  const hosts = await Promise.all(Array.from({ length: nodesCount }, (_, index) => makePlainHost(index)));
  let deliver: (id: string) => void = () => {};
  for (const host of hosts) {
    await host.start();
    host.services.gossip.addEventListener("gossipsub:message", ({ detail }) => deliver(idOf(detail.msg.data)));
    host.services.gossip.subscribe(topic);
  }
  for (const [index, host] of hosts.entries())
    for (const earlier of hosts.slice(0, index)) await host.dial(earlier.getMultiaddrs());
  await eventually("everyone gossips", () =>
    hosts.every(({ services }) => services.gossip.getPeers().length === nodesCount - 1),
  );
  return {
    async publish(index, bytes) {
      await hosts[index % nodesCount]?.services.gossip.publish(topic, bytes);
    },
    onDelivery: (run) => {
      deliver = run;
    },
    stop: async () => void (await Promise.all(hosts.map((host) => host.stop()))),
  };
}

/** Carries all messages to all nodes; deliveries a second, and the time of each added to `timesMs`. */
async function carry(carrier: Carrier, messages: readonly Bytes[], timesMs: number[]): Promise<number> {
  const pending = new Map<string, { atMs: number; left: number; done: () => void }>();
  carrier.onDelivery((id) => {
    const each = pending.get(id);
    if (each === undefined) return;
    timesMs.push(performance.now() - each.atMs);
    each.left -= 1;
    if (each.left === 0) each.done();
  });
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < messages.length) {
      const index = next++;
      const bytes = messages[index] as Bytes;
      const whole = new Promise<void>((done) => {
        pending.set(idOf(bytes), { atMs: performance.now(), left: nodesCount - 1, done });
        setTimeout(done, 10_000).unref();
      });
      await carrier.publish(index, bytes);
      await whole;
    }
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: onTheWay }, lane));
  return (messages.length * (nodesCount - 1) * 1000) / (performance.now() - startedMs);
}

const percentile = (sorted: readonly number[], share: number): number =>
  Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10;

function spread(timesMs: readonly number[]) {
  const sorted = timesMs.toSorted((a, b) => a - b);
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

export async function run(): Promise<BenchResult> {
  const advertisers = Advertisers.of(testNetworkId, 16);
  const assets = Array.from({ length: messagesPerRound }, (_, index) => advertisers.addAsset(index, "bench"));
  let seq = 0;
  const sign = async (): Promise<readonly Bytes[]> => {
    seq += 1;
    // D-2 allows four an epoch.
    advertisers.epoch = 1 + Math.floor(seq / 4);
    return Promise.all(assets.map((asset, index) => advertisers.advertise(index, asset as AssetId, { seq })));
  };
  const [validated, bare] = [await ours(advertisers), await plain()];
  await new Promise((wake) => setTimeout(wake, 2_000));
  const times = { ours: [] as number[], baseline: [] as number[] };
  const result = await alternate(
    {
      ours: async () => carry(validated, await sign(), times.ours),
      baseline: async () => carry(bare, await sign(), times.baseline),
    },
    { rounds, unit: "deliveries/s, more is better" },
  );
  await Promise.all([validated.stop(), bare.stop()]);
  const verifier = createVerifier();
  const { view } = advertisers;
  const one = createSequencedValidator(capacityRule, { view, verifier, subjectsMax: 100_000 });
  const messages = await sign();
  const startedMs = performance.now();
  await Promise.all(messages.map((bytes) => one(bytes)));
  const alone = (messages.length * 1000) / (performance.now() - startedMs);
  return {
    ...result,
    nodes: nodesCount,
    onTheWay,
    ours_propagation: spread(times.ours),
    baseline_propagation: spread(times.baseline),
    validatedAlonePerSecond: Math.round(alone),
    shareOfValidationAlone: Math.round((result.ours / alone) * 1000) / 1000,
    medianMs: Math.round(median(times.ours) * 10) / 10,
  };
}
