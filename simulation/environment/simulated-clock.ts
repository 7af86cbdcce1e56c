// The Clock port on virtual time, for one life of a node, with the node's own offset from true time.
import type { Clock } from "../../src/ports/index.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Life } from "./simulated-network.ts";

export interface ClockOptions {
  readonly life: Life;
  readonly offsetMs: number;
  readonly label: string;
}

export function simulatedClock(scheduler: Scheduler, { life, offsetMs, label }: ClockOptions): Clock {
  const at = (atMs: number, run: () => void): (() => void) =>
    scheduler.at(atMs - offsetMs, `timer ${label}`, () => {
      if (life.alive) run();
    });
  return {
    nowMs: () => scheduler.nowMs + offsetMs,
    monotonicMs: () => scheduler.nowMs,
    at,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const cancel = at(scheduler.nowMs + offsetMs + ms, resolve);
        signal.addEventListener("abort", () => {
          cancel();
          reject(signal.reason);
        });
      }),
  };
}
