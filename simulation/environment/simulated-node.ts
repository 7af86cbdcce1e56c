// A simulated node through its lives: whatever `compose` builds over simulated ports, started and crashed from outside. Its
// disk outlives it. Consensus alone is composed by consensus-node.ts; a whole node can be composed over the same ports.
import type { Clock, Log, Metrics, Random, Store, Transport, VoteGuard } from "../../src/ports/index.ts";
import type { Driver } from "../../src/runtime/driver/index.ts";
import { noMetrics, type RecentLog, recentLog } from "./quiet.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { simulatedClock } from "./simulated-clock.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";
import type { Life, SimulatedNetwork } from "./simulated-network.ts";

/** The world as one life of a node sees it. After a crash nothing that it awaited ever settles. */
export interface NodePorts {
  readonly store: Store;
  readonly guard: VoteGuard;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** One life of a node. A crash does not end it: it is simply never heard of again. */
export interface ComposedNode {
  readonly driver: Driver;
  /** Starts the driver and whatever else there is. */
  start(): Promise<void>;
}

export interface SimulatedNodeOptions {
  readonly index: number;
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly disk: SimulatedDisk;
  readonly random: SeededRandom;
  readonly clockOffsetMs: number;
  /** Called once a life. Uses no time, randomness or memory but these ports. */
  readonly compose: (ports: NodePorts) => ComposedNode;
  /** Byzantine nodes send through something that misbehaves. */
  readonly wrapTransport?: (transport: Transport) => Transport;
}

export class SimulatedNode {
  readonly options: SimulatedNodeOptions;
  readonly log: RecentLog;
  driver: Driver | undefined;
  #life: Life = { alive: false };
  lives = 0;

  constructor(options: SimulatedNodeOptions) {
    this.options = options;
    this.log = recentLog(() => options.scheduler.nowMs, `node ${options.index}`);
  }

  get up(): boolean {
    return this.#life.alive && this.driver?.status().phase === "running";
  }

  start(): void {
    const { index, scheduler, network, disk, random, compose, clockOffsetMs, wrapTransport } = this.options;
    const life: Life = { alive: true };
    this.#life = life;
    this.lives += 1;
    const transport = network.transport(index, life);
    const ports: NodePorts = {
      store: disk.store(life),
      guard: disk.guard(life),
      transport: wrapTransport === undefined ? transport : wrapTransport(transport),
      clock: simulatedClock(scheduler, { life, offsetMs: clockOffsetMs, label: String(index) }),
      random,
      log: this.log,
      metrics: noMetrics,
    };
    this.driver = undefined;
    const begin = async (): Promise<void> => {
      const node = compose(ports);
      this.driver = node.driver;
      await node.start();
    };
    begin().catch((error: unknown) => {
      this.log.error("did not start", { error: String(error) });
    });
  }

  /** Ends this life at once: nothing that it awaited settles, nothing unsynced is sure to be there. */
  crash(): void {
    this.#life.alive = false;
    this.options.network.crash(this.options.index);
    this.options.disk.crash();
  }
}
