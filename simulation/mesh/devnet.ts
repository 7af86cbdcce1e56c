// `fairmesh devnet`: a local network of real nodes, watched from outside until it is stopped or has paid as many epochs as
// were asked for. Its verdict is what was seen over RPC: rewards that every running node agrees on.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FairmeshError } from "../../src/primitives/index.ts";
import { parametersOf } from "../../src/schema/index.ts";
import { type Drawing, drawNetwork, paidIn } from "./draw-network.ts";
import { makeNetwork } from "./make-network.ts";
import { NodeProcess } from "./node-process.ts";
import { type EpochSight, lookAtEpoch, lookAtNode, type NodeSight } from "./watch-network.ts";

export interface DevnetOptions {
  readonly nodes: number;
  /** Ends after so many epochs with a non-empty reward table; runs until stopped without it. */
  readonly epochs: number | undefined;
  readonly seed: number | undefined;
  /** Where the network lives; a fresh folder, removed at the end unless `keep`, without one. */
  readonly folder: string | undefined;
  readonly keep: boolean;
  readonly signal: AbortSignal;
  /** Called about once a second with the whole picture. */
  readonly onPicture: (drawing: Omit<Drawing, "color">) => void;
  readonly onNote: (line: string) => void;
}

export interface DevnetSummary {
  readonly nodes: number;
  readonly seconds: number;
  readonly height: number;
  readonly epochsPaid: number;
  readonly firstRewardSeconds: number | undefined;
  readonly paidGrains: string;
  readonly folder: string | undefined;
  readonly epochs: readonly EpochSight[];
}

/** Without a paid epoch for so long, something is wrong. */
const patienceSeconds = 180;
const lookMs = 1_000;

async function isAgreed(processes: readonly NodeProcess[], seen: EpochSight): Promise<boolean> {
  const records = await Promise.all(
    processes.filter((node) => node.running).map((node) => lookAtEpoch(node, seen.epoch)),
  );
  const known = records.filter((record) => record !== undefined);
  if (known.some((record) => record.rewardsRoot !== seen.rewardsRoot)) {
    throw new FairmeshError("DEVNET_DIVERGED", `nodes disagree on the rewards of epoch ${seen.epoch}`);
  }
  return known.length === records.length;
}

class Watch {
  readonly processes: readonly NodeProcess[];
  readonly epochs: EpochSight[] = [];
  readonly #startedMs = performance.now();
  #nextEpoch = 0;
  #lastPaidSeconds = 0;
  firstRewardSeconds: number | undefined;
  nodes: readonly NodeSight[] = [];
  /** The highest that was ever seen: nodes that are stopping no longer answer. */
  height = 0;

  constructor(processes: readonly NodeProcess[]) {
    this.processes = processes;
  }

  get seconds(): number {
    return Math.round((performance.now() - this.#startedMs) / 1000);
  }

  get paid(): readonly EpochSight[] {
    return this.epochs.filter((epoch) => paidIn(epoch) > 0n);
  }

  async look(): Promise<void> {
    this.nodes = await Promise.all(this.processes.map(lookAtNode));
    this.height = Math.max(this.height, ...this.nodes.map((node) => node.height));
    const source = this.processes.find((node) => node.running);
    if (source === undefined)
      throw new FairmeshError("DEVNET_DOWN", `every node ended:\n${this.processes[0]?.logTail() ?? ""}`);
    for (;;) {
      const seen = await lookAtEpoch(source, this.#nextEpoch);
      if (seen === undefined || !(await isAgreed(this.processes, seen))) break;
      this.epochs.push(seen);
      this.#nextEpoch++;
      if (paidIn(seen) > 0n) {
        this.firstRewardSeconds ??= this.seconds;
        this.#lastPaidSeconds = this.seconds;
      }
    }
    if (this.seconds - this.#lastPaidSeconds > patienceSeconds) {
      const fault = `no rewards were agreed for ${patienceSeconds} s (height ${this.height})`;
      throw new FairmeshError("DEVNET_STALLED", `${fault}; the end of a node's log:\n${source.logTail()}`);
    }
  }
}

/** Runs the network. Rejects with `DEVNET_STALLED`, `DEVNET_DOWN` or `DEVNET_DIVERGED`, after stopping every node. */
export async function runDevnet(options: DevnetOptions): Promise<DevnetSummary> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "fairmesh-devnet-")));
  options.onNote(`making ${options.nodes} nodes in ${folder}`);
  const { nodes } = await makeNetwork({
    folder,
    nodes: options.nodes,
    seed: options.seed,
    timestampMs: Date.now(),
    bondFair: 100,
  });
  const processes = nodes.map((plan) => new NodeProcess(plan));
  const watch = new Watch(processes);
  const { epochBlocks } = parametersOf("devnet");
  try {
    for (const node of processes) node.start();
    while (!options.signal.aborted && (options.epochs === undefined || watch.paid.length < options.epochs)) {
      await new Promise((wake) => setTimeout(wake, lookMs));
      await watch.look();
      const rpcUrls = nodes.map((node) => node.rpcUrl);
      const { nodes: sights, epochs, seconds } = watch;
      const multiaddr = nodes[0]?.multiaddr ?? "";
      options.onPicture({ nodes: sights, epochs, seconds, epochBlocks, rpcUrls, folder, multiaddr });
    }
  } finally {
    options.onNote("stopping every node");
    await Promise.all(processes.map((node) => node.stop()));
  }
  const kept = options.keep || options.folder !== undefined;
  if (!kept) await rm(folder, { recursive: true, force: true });
  return {
    nodes: options.nodes,
    seconds: watch.seconds,
    height: watch.height,
    epochsPaid: watch.paid.length,
    firstRewardSeconds: watch.firstRewardSeconds,
    paidGrains: watch.paid.reduce((sum, epoch) => sum + paidIn(epoch), 0n).toString(),
    folder: kept ? folder : undefined,
    epochs: watch.epochs,
  };
}

export { drawNetwork };
