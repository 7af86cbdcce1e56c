// Signed advertisements gossiped between six nodes over TCP in one process, each validated at every node, against the same
// gossipsub over plain libp2p that passes everything on unjudged; both at the pace of half of what the plain one carries at
// most, which is measured first. Beside it, as `saturated`: so many messages on their way at a time, as fast as they go.
// A delivery is a message at one node; its time runs from when it was due to be published to the verdict.
import "../../src/native/hasher.ts";
import { sha256 } from "../../src/crypto/index.ts";
import { createVerifier } from "../../src/native/index.ts";
import { topicName } from "../../src/network/topics.ts";
import { type AssetId, type Bytes, keyOf } from "../../src/primitives/index.ts";
import { capacityRule, createSequencedValidator } from "../../src/validation/index.ts";
import { Advertisers } from "../support/advertisers.ts";
import { makePlainHost } from "../support/plain-host.ts";
import { eventually, startMesh, testNetworkId } from "../support/test-network.ts";
import { alternate, type BenchResult, perSecond } from "./measure.ts";

export const title =
  "validated advertisements delivered by six nodes, against gossipsub without validation under the same load";

const nodesCount = 6;
const messagesPerRound = 300;
const onTheWay = 12;
const rounds = 5;
/** Of what the plain mesh carries at most: a load that the machine can carry. */
const loadShare = 0.5;
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

/** Messages published and not yet everywhere; the time of each delivery is added to `timesMs`. */
class Flight {
  readonly #pending = new Map<string, { readonly dueMs: number; left: number; readonly done: () => void }>();
  readonly #carrier: Carrier;

  constructor(carrier: Carrier, timesMs: number[]) {
    this.#carrier = carrier;
    carrier.onDelivery((id) => {
      const each = this.#pending.get(id);
      if (each === undefined) return;
      timesMs.push(performance.now() - each.dueMs);
      each.left -= 1;
      if (each.left === 0) each.done();
    });
  }

  /** Resolves when every other node has it; one that is lost fails the benchmark. */
  async send(index: number, bytes: Bytes, dueMs: number): Promise<void> {
    const everywhere = new Promise<void>((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`message ${index} was not everywhere after ten seconds`)), 10_000);
      const end = () => {
        clearTimeout(timer);
        done();
      };
      this.#pending.set(idOf(bytes), { dueMs, left: nodesCount - 1, done: end });
    });
    await Promise.all([this.#carrier.publish(index, bytes), everywhere]);
  }
}

/** Carries all messages to all nodes, so many on their way at a time; deliveries a second. */
async function saturate(carrier: Carrier, messages: readonly Bytes[]): Promise<number> {
  const flight = new Flight(carrier, []);
  const send = (index: number) => flight.send(index, messages[index] as Bytes, performance.now());
  const perMessage = await perSecond(send, { total: messages.length, concurrency: onTheWay });
  return perMessage * (nodesCount - 1);
}

/** Publishes at a pace, whether or not the messages before have arrived; deliveries a second until the last has. */
async function pace(
  carrier: Carrier,
  messages: readonly Bytes[],
  load: { readonly deliveriesPerSecond: number; readonly timesMs: number[] },
): Promise<number> {
  const flight = new Flight(carrier, load.timesMs);
  const gapMs = ((nodesCount - 1) * 1000) / load.deliveriesPerSecond;
  const startedMs = performance.now();
  const sent: Promise<void>[] = [];
  while (sent.length < messages.length) {
    const index = sent.length;
    const dueMs = startedMs + index * gapMs;
    if (performance.now() >= dueMs) sent.push(flight.send(index, messages[index] as Bytes, dueMs));
    else await new Promise((wake) => setTimeout(wake, 1));
  }
  await Promise.all(sent);
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
  const both = (run: (carrier: Carrier, messages: readonly Bytes[], timesMs: number[]) => Promise<number>) => ({
    ours: async () => run(validated, await sign(), times.ours),
    baseline: async () => run(bare, await sign(), times.baseline),
  });
  const times = { ours: [] as number[], baseline: [] as number[] };
  const unit = "deliveries/s, more is better";
  const saturated = await alternate(both(saturate), { rounds, unit });
  const deliveriesPerSecond = Math.round(saturated.baseline * loadShare);
  const paced = await alternate(
    both((carrier, messages, timesMs) => pace(carrier, messages, { deliveriesPerSecond, timesMs })),
    { rounds, unit },
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
    ...paced,
    nodes: nodesCount,
    load: deliveriesPerSecond,
    ours_propagation: spread(times.ours),
    baseline_propagation: spread(times.baseline),
    saturated: { ours: saturated.ours, baseline: saturated.baseline, ratio: saturated.ratio, onTheWay },
    validatedAlonePerSecond: Math.round(alone),
  };
}
