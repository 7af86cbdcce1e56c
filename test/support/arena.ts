// Where attacks take place: three honest nodes that gossip real, signed, validated advertisements, one of them the victim.
// While an attack runs, honest messages are sent and counted, and memory is watched.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createVerifier } from "../../src/native/index.ts";
import type { AssetId, Bytes } from "../../src/primitives/index.ts";
import { CapacityBook } from "../../src/runtime/capacity/index.ts";
import { capacityRule, createSequencedValidator } from "../../src/validation/index.ts";
import { Advertisers } from "./advertisers.ts";
import { createMemoryLog, createMemoryMetrics, type LogLine } from "./memory-telemetry.ts";
import { eventually, type MakeNode, type Mesh, startMesh, type TestNode, testNetworkId } from "./test-network.ts";

/** How long an attack lasts: short in every run, long in the slow suite. */
export const attackMs = Number(process.env.FAIRMESH_ATTACK_MS ?? 1_000);

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const heldBytes = (): number => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

export interface Outcome {
  /** Of the honest messages sent during the attack, which part arrived at the honest node that needed them most. */
  readonly delivered: number;
  /** Mebibytes held at the end of the attack that were not held before. */
  readonly grownMiB: number;
}

export interface Arena {
  readonly nodes: readonly TestNode[];
  readonly victim: TestNode;
  readonly address: string;
  readonly advertisers: Advertisers;
  readonly metrics: ReturnType<typeof createMemoryMetrics>;
  /** Warnings and information that the victim logged. */
  log(): readonly LogLine[];
  /** Runs `once` again and again for the time of an attack, or until it answers false, with honest traffic beside it. */
  attack(once: (round: number) => Promise<boolean>): Promise<Outcome>;
  banned(peer: string): boolean;
  reasonOf(peer: string): string | undefined;
  stop(): Promise<void>;
}

const honestEveryMs = 40;
/** For honest messages that are on their way when an attack ends: a busy machine needs its time. */
const arriveMs = 30_000;

/** Time in which this process ran: what is too fast for a node does not depend on what else a machine does. */
const ranMs = (): number => {
  const { user, system } = process.cpuUsage();
  return Math.floor((user + system) / 1000);
};

export async function makeArena(make: MakeNode = {}): Promise<Arena> {
  const log = createMemoryLog();
  const metrics = createMemoryMetrics();
  const advertisers = Advertisers.of(testNetworkId, 4);
  const asset = Array.from({ length: 2_000 }, (_, index) => advertisers.addAsset(index, "honest"));
  const mesh: Mesh = await startMesh(3, (index) =>
    index === 0 ? { nowMs: ranMs, ...make, log, metrics } : { nowMs: ranMs, ...make },
  );
  const [victim, sender] = mesh.nodes as [TestNode, TestNode];
  const verifier = createVerifier();
  const books = mesh.nodes.map(({ network }) => {
    const parts = { view: advertisers.view, verifier, subjectsMax: 100_000 };
    const book = new CapacityBook(createSequencedValidator(capacityRule, parts));
    network.transport.onGossip("capacity", (bytes) => book.receive(bytes));
    return book;
  });
  let next = 0;
  const publish = async (): Promise<void> => {
    const index = next++;
    const bytes: Bytes = await advertisers.advertise(index, asset[index] as AssetId);
    await sender.network.transport.publish("capacity", bytes);
  };
  await eventually("gossip flows", () => {
    void publish();
    return [0, 2].every((index) => (books[index] as CapacityBook).list().length > 0);
  });
  const counts = (): readonly number[] => [0, 2].map((index) => (books[index] as CapacityBook).list().length);
  const bansOf = (peer: string) => victim.network.bans().find((ban) => ban.peer === peer);
  return {
    nodes: mesh.nodes,
    victim,
    address: victim.network.addresses()[0] as string,
    advertisers,
    metrics,
    log: () => log.lines.filter(({ level }) => level !== "debug"),
    async attack(once) {
      await new Promise((wake) => setTimeout(wake, 200));
      const before = counts();
      const sentBefore = next;
      const held = heldBytes();
      const endMs = performance.now() + attackMs;
      const timer = setInterval(() => void publish(), honestEveryMs);
      for (let round = 0; performance.now() < endMs; round++) {
        if ((await once(round)) === false) break;
        await new Promise((wake) => setImmediate(wake));
      }
      await new Promise((wake) => setTimeout(wake, Math.max(0, endMs - performance.now())));
      clearInterval(timer);
      const grownMiB = (heldBytes() - held) / (1 << 20);
      const sent = next - sentBefore;
      const arrived = (): number => Math.min(...counts().map((count, index) => count - (before[index] as number)));
      for (const lastMs = performance.now() + arriveMs; performance.now() < lastMs && arrived() < sent; )
        await new Promise((wake) => setTimeout(wake, 50));
      return { delivered: arrived() / sent, grownMiB };
    },
    banned: (peer) => bansOf(peer) !== undefined,
    reasonOf: (peer) => bansOf(peer)?.reason,
    stop: () => mesh.stop(),
  };
}
