// A schedule: which faults happen when, drawn from the seed before the run, so that a failing one can be shortened and run
// again. Faults that cost a node its memory or its honesty are given to at most f nodes, chosen with the seed.
import type { SeededRandom } from "../environment/index.ts";
import type { Fault, Scenario } from "../scenario.ts";

export type { Fault };

export interface ScheduleOptions {
  readonly scenario: Scenario;
  readonly random: SeededRandom;
  readonly nodes: number;
  /** Nodes that may lose their memory: together with Byzantine ones at most f. */
  readonly forgetful: readonly number[];
}

export function drawSchedule({ scenario, random, nodes, forgetful }: ScheduleOptions): readonly Fault[] {
  const schedule: Fault[] = [];
  for (const [index, { kind, everyMs, forMs, ppm }] of scenario.faults.entries()) {
    const stream = random.stream(`fault ${index} ${kind}`);
    const memory = ["roll-back", "set-back", "bit-flip", "guard-damage"].includes(kind);
    if (memory && forgetful.length === 0) continue;
    let damaged = false;
    for (
      let atMs = stream.between(...everyMs);
      atMs < scenario.faultsMs;
      atMs += Math.max(1, stream.between(...everyMs))
    ) {
      const untilMs = Math.min(scenario.faultsMs, atMs + stream.between(...forMs));
      const all = stream.shuffled(Array.from({ length: nodes }, (_, node) => node));
      const size = kind === "partition" || kind === "one-way" ? stream.between(1, Math.max(1, nodes - 1)) : 1;
      const side = kind === "power-cut" ? all : all.slice(0, size);
      if (kind === "guard-damage" && damaged) continue;
      damaged = true;
      const at = memory ? [stream.pick(forgetful)] : side;
      schedule.push({ atMs, untilMs, kind, nodes: at, ppm, tag: stream.below(3) });
    }
  }
  return schedule.sort((a, b) => a.atMs - b.atMs);
}

/** One line for people. */
export const describeFault = ({ atMs, untilMs, kind, nodes }: Fault): string =>
  `${atMs}..${untilMs} ms ${kind} ${nodes.join(",")}`;
