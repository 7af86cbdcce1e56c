// Carries a schedule out on a network and nodes. Partitions are counted, so that two which overlap end one by one.
import type { DiskImage, Scheduler, SimulatedDisk, SimulatedNetwork, SimulatedNode } from "../environment/index.ts";
import type { Fault } from "./schedule.ts";

export interface Afflicted {
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly nodes: readonly SimulatedNode[];
  readonly disks: readonly SimulatedDisk[];
  readonly startMs: number;
  /** Faults by kind that took place. */
  readonly counts: Map<string, number>;
  /** Called when a node that was down may come back. */
  readonly restart: (node: number) => void;
  /** What a later roll-back of the node's database, or of its whole disk, goes back to. */
  readonly snapshots: Map<number, DiskImage>;
}

export function applySchedule(world: Afflicted, schedule: readonly Fault[]): void {
  const cuts = new Map<string, number>();
  const current = new Set<Fault>();
  world.network.weather.drop = (packet) =>
    packet.kind === "send" &&
    Array.from(current).some(
      (fault) => fault.kind === "drop-kind" && packet.bytes[0] === fault.tag && fault.nodes.includes(packet.from),
    );
  for (const fault of schedule) {
    world.scheduler.at(world.startMs + fault.atMs, `fault ${fault.kind} ${fault.nodes.join(",")}`, () => {
      world.counts.set(fault.kind, (world.counts.get(fault.kind) ?? 0) + 1);
      current.add(fault);
      begin(world, fault, cuts);
    });
    world.scheduler.at(world.startMs + fault.untilMs, `heal ${fault.kind} ${fault.nodes.join(",")}`, () => {
      if (current.delete(fault)) end(world, fault, cuts);
    });
  }
}

function pairsOf(world: Afflicted, fault: Fault): readonly string[] {
  const others = world.nodes.map((_, node) => node).filter((node) => !fault.nodes.includes(node));
  return fault.nodes.flatMap((one) =>
    others.flatMap((other) =>
      fault.kind === "one-way" ? [`${one}>${other}`] : [`${one}>${other}`, `${other}>${one}`],
    ),
  );
}

function begin(world: Afflicted, fault: Fault, cuts: Map<string, number>): void {
  const { weather } = world.network;
  const [node = 0] = fault.nodes;
  switch (fault.kind) {
    case "partition":
    case "one-way":
    case "isolate":
      for (const pair of pairsOf(world, fault)) {
        cuts.set(pair, (cuts.get(pair) ?? 0) + 1);
        weather.cut.add(pair);
      }
      return;
    case "loss":
      weather.lossPpm += fault.ppm;
      return;
    case "repeat":
      weather.repeatPpm += fault.ppm;
      return;
    case "clog":
      weather.clogged.set(node, (weather.clogged.get(node) ?? 0) + 2000);
      return;
    case "disk-error":
      (world.disks[node] as SimulatedDisk).failNextSync = true;
      return;
    case "crash":
    case "power-cut":
      for (const each of fault.nodes) world.nodes[each]?.crash();
      return;
    case "roll-back":
    case "set-back": {
      const disk = world.disks[node] as SimulatedDisk;
      world.nodes[node]?.crash();
      const earlier = world.snapshots.get(node);
      if (earlier !== undefined && fault.kind === "roll-back") disk.rollBack(earlier);
      if (earlier !== undefined && fault.kind === "set-back") disk.setBack(earlier);
      world.snapshots.set(node, disk.snapshot());
      return;
    }
    case "guard-damage":
      world.nodes[node]?.crash();
      world.disks[node]?.damageGuard();
      return;
    case "bit-flip":
      world.nodes[node]?.crash();
      world.disks[node]?.flipBit();
      return;
    case "drop-kind":
      return;
  }
}

function end(world: Afflicted, fault: Fault, cuts: Map<string, number>): void {
  const { weather } = world.network;
  const [node = 0] = fault.nodes;
  switch (fault.kind) {
    case "partition":
    case "one-way":
    case "isolate":
      for (const pair of pairsOf(world, fault)) {
        const left = (cuts.get(pair) ?? 1) - 1;
        cuts.set(pair, left);
        if (left <= 0) weather.cut.delete(pair);
      }
      return;
    case "loss":
      weather.lossPpm -= fault.ppm;
      return;
    case "repeat":
      weather.repeatPpm -= fault.ppm;
      return;
    case "clog":
      weather.clogged.set(node, Math.max(0, (weather.clogged.get(node) ?? 0) - 2000));
      return;
    default:
      for (const each of fault.nodes) world.restart(each);
  }
}
