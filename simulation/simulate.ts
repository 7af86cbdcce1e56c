// `fairmesh simulate`: runs a scenario over one seed or many, and says what was seen. A violation comes with the seed and the
// command that repeats it. The command line imports this file only when the command is called.
import { loadScenario } from "./scenario.ts";
import { type Report, runWorld } from "./world.ts";

export interface SimulateOptions {
  /** One of ours by name, or a file. */
  readonly scenario: string;
  readonly seeds: readonly [first: number, last: number];
  readonly nodes: number | undefined;
  /** Blocks that must become final after healing; the scenario's own without it. */
  readonly blocks: number | undefined;
  readonly onReport: (report: Report, done: number, of: number) => void;
}

export interface SimulateSummary {
  readonly scenario: string;
  readonly nodes: number;
  readonly seeds: number;
  readonly violations: readonly { readonly seed: number; readonly what: readonly string[]; readonly repeat: string }[];
  readonly simulatedHours: number;
  readonly blocks: number;
  readonly views: number;
  readonly votes: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly evidence: number;
  /** Of the last seed. */
  readonly finalityMs: number;
  readonly finalityDelays: number | undefined;
  readonly traceHash: string;
  readonly viewsPerSecond: number;
}

/** Rejects with `SCENARIO_MISSING` or `SCENARIO_INVALID`. */
export async function runSimulate(options: SimulateOptions): Promise<SimulateSummary> {
  const loaded = loadScenario(options.scenario);
  const scenario = options.blocks === undefined ? loaded : { ...loaded, blocks: options.blocks };
  const [first, last] = options.seeds;
  const reports: Report[] = [];
  const startedMs = performance.now();
  for (let seed = first; seed <= last; seed++) {
    const report = await runWorld({ scenario, seed, nodes: options.nodes });
    reports.push(report);
    options.onReport(report, reports.length, last - first + 1);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const sum = (of: (report: Report) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const faults: Record<string, number> = {};
  for (const report of reports) {
    for (const [kind, count] of Object.entries(report.faults)) faults[kind] = (faults[kind] ?? 0) + count;
  }
  const nodes = options.nodes ?? scenario.nodes;
  const flags = options.nodes === undefined ? "" : ` --nodes ${options.nodes}`;
  const end = reports.at(-1) as Report;
  return {
    scenario: scenario.name,
    nodes,
    seeds: reports.length,
    violations: reports
      .filter((report) => report.violations.length > 0)
      .map(({ seed, violations }) => ({
        seed,
        what: violations,
        repeat: `npm run simulate -- --scenario ${options.scenario} --seed ${seed}${flags}`,
      })),
    simulatedHours: sum((report) => report.simulatedMs) / 3_600_000,
    blocks: sum((report) => report.blocks),
    views: sum((report) => report.views),
    votes: sum((report) => report.votes),
    faults,
    evidence: sum((report) => report.evidence),
    finalityMs: end.finalityMs,
    finalityDelays: end.finalityDelays,
    traceHash: end.traceHash,
    viewsPerSecond: Math.round(sum((report) => report.views) / seconds),
  };
}
