// A simulated node through its lives: the real driver over simulated ports and an application. Its disk outlives it.

import type { Timing } from "../../src/consensus/index.ts";
import type { Verifier } from "../../src/crypto/index.ts";
import type { Application, Signer, Store, Transport } from "../../src/ports/index.ts";
import type { NetworkId } from "../../src/primitives/index.ts";
import { createDriver, type Driver, type Observed } from "../../src/runtime/driver/index.ts";
import { noMetrics, type RecentLog, recentLog } from "./quiet.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { simulatedClock } from "./simulated-clock.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";
import type { Life, SimulatedNetwork } from "./simulated-network.ts";

export interface SimulatedNodeOptions extends Observed {
  readonly index: number;
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly disk: SimulatedDisk;
  readonly signer: Signer;
  readonly verifier: Verifier;
  readonly networkId: NetworkId;
  readonly timing: Timing;
  readonly random: SeededRandom;
  readonly clockOffsetMs: number;
  readonly application: (store: Store) => Application;
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

  get failed(): boolean {
    return this.driver?.status().phase === "failed";
  }

  start(): void {
    const { index, scheduler, network, disk, application, clockOffsetMs, wrapTransport, ...rest } = this.options;
    const life: Life = { alive: true };
    this.#life = life;
    this.lives += 1;
    const store = disk.store(life);
    const transport = network.transport(index, life);
    const driver = createDriver({
      ...rest,
      application: application(store),
      store,
      guard: disk.guard(life),
      transport: wrapTransport === undefined ? transport : wrapTransport(transport),
      clock: simulatedClock(scheduler, { life, offsetMs: clockOffsetMs, label: String(index) }),
      log: this.log,
      metrics: noMetrics,
    });
    this.driver = driver;
    driver.start().catch((error: unknown) => {
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
