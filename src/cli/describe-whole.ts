// What a simulation of whole nodes came to, for people: who gained how much for a unit of what was registered.
import { formatFair } from "../primitives/index.ts";
import { percent, table } from "./tables.ts";

interface Group {
  readonly group: string;
  readonly operators: number;
  readonly spirit: string;
  readonly units: number;
  readonly gain: bigint;
  readonly rewards: bigint;
  readonly scorePpm: number;
}
interface Report {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly epochs: number;
  readonly height: number;
  readonly simulatedMs: number;
  readonly events: number;
  readonly groups: readonly Group[];
  readonly recordsHash: string;
  readonly traceHash: string;
}

/** Grains to FAIR with three decimals, signed. */
const money = (grains: bigint): string => {
  const shown = grains < 0n ? -grains : grains;
  return `${grains < 0n ? "-" : ""}${formatFair((shown / 1_000_000n) * 1_000_000n)}`;
};

export function describeWhole(report: Report): string {
  const rows = report.groups.map((group) => [
    group.group,
    group.operators,
    group.spirit,
    group.units,
    money(group.rewards),
    money(group.gain),
    group.units === 0 ? "" : money(group.gain / BigInt(group.units)),
    percent(group.scorePpm),
  ]);
  return [
    `seed ${report.seed}: ${report.epochs} epochs settled, ${report.height} blocks, ${(report.simulatedMs / 1000).toFixed(0)} simulated seconds, ${report.events} events`,
    table(["group", "operators", "spirit", "units", "rewards", "gain", "gain a unit", "score"], rows),
    `epoch records ${report.recordsHash}`,
    `trace ${report.traceHash}`,
    `${report.violations.length} violations`,
  ].join("\n");
}
