// `fairmesh simulate`: runs a scenario over one seed or many, and says what was seen. A violation comes with the seed and the
// command that repeats it. The command line imports this file only when the command is called.
import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { commitId } from "./commit-id.ts";
import type { Report } from "./report.ts";
import { runSeeds } from "./run-seeds.ts";
import { loadScenario, writeScenario } from "./scenario.ts";
import { shrink } from "./shrink.ts";

export interface SimulateOptions {
  /** One of ours by name, or a file. */
  readonly scenario: string;
  readonly seeds: readonly [first: number, last: number];
  readonly nodes: number | undefined;
  /** Blocks that must become final after healing; the scenario's own without it. */
  readonly blocks: number | undefined;
  readonly signatures?: "cheap" | "ml-dsa";
  /** Worker threads. Default: one a core. */
  readonly jobs?: number | undefined;
  /** Runs each n-th seed twice: a trace that differs is a violation. */
  readonly repeatEvery?: number | undefined;
  /** Makes the first failing run small. */
  readonly shrink?: boolean;
  readonly onReport: (report: Report, done: number, of: number) => void;
  readonly onShrinking?: () => void;
}

export interface Violation {
  readonly seed: number;
  readonly what: readonly string[];
  /** Accounts whose votes, of all that were sent, S-13 punishes. */
  readonly culprits: readonly number[];
  /** The accounts that lied by the scenario. */
  readonly liars: readonly number[];
  readonly repeat: string;
  readonly logs: readonly string[];
}

export interface SimulateSummary {
  readonly scenario: string;
  readonly commit: string;
  readonly nodes: number;
  readonly seeds: number;
  /** Seeds that were run a second time with an equal trace. */
  readonly repeated: number;
  readonly violations: readonly Violation[];
  readonly simulatedHours: number;
  readonly blocks: number;
  readonly views: number;
  readonly votes: number;
  readonly events: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly byzantine: Readonly<Record<string, number>>;
  readonly evidence: number;
  /** Pairs that S-13 punishes, signed by nodes whose whole disk had been set back. */
  readonly forgottenPairs: number;
  /** The median over the seeds of each one's median, and of its 99th of a hundred. */
  readonly finalityMs: number;
  readonly finality99Ms: number;
  readonly finalityDelays: number | undefined;
  /** Of the one seed, or of all traces in the order of the seeds. */
  readonly traceHash: string;
  readonly viewsPerSecond: number;
  /** The smaller scenario, as a file, and what it took. */
  readonly shrunk: { readonly seed: number; readonly tries: number; readonly file: string } | undefined;
}

/** Rejects with `SCENARIO_MISSING` or `SCENARIO_INVALID`. */
export async function runSimulate(options: SimulateOptions): Promise<SimulateSummary> {
  const loaded = loadScenario(options.scenario);
  const nodes = options.nodes ?? loaded.nodes;
  const scenario = { ...loaded, nodes, blocks: options.blocks ?? loaded.blocks };
  const [first, last] = options.seeds;
  const world = { scenario, signatures: options.signatures ?? "cheap" };
  const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const jobs = options.jobs ?? availableParallelism();
  const bySeed = new Map<number, Report>();
  const commit = commitId(); // Now: what runs is what was loaded, whatever is edited meanwhile.
  const startedMs = performance.now();
  const onReport = (report: Report): void => {
    bySeed.set(report.seed, report);
    options.onReport(report, bySeed.size, seeds.length);
  };
  await runSeeds({ world, seeds, jobs, onReport });
  const seconds = (performance.now() - startedMs) / 1000;
  const reports = seeds.map((seed) => bySeed.get(seed) as Report);
  const again = seeds.filter((_, index) => options.repeatEvery !== undefined && index % options.repeatEvery === 0);
  const differing: Report[] = [];
  await runSeeds({
    world,
    seeds: again,
    jobs,
    onReport: (report) => {
      if (report.traceHash !== bySeed.get(report.seed)?.traceHash) differing.push(report);
    },
  });
  const violations = violationsOf(options, reports, differing);
  const failing = reports.find((report) => report.violations.length > 0);
  if (failing !== undefined && options.shrink === true) options.onShrinking?.();
  const small =
    failing === undefined || options.shrink !== true
      ? undefined
      : await shrink({ ...world, seed: failing.seed }, failing);
  return {
    scenario: scenario.name,
    commit,
    nodes,
    seeds: reports.length,
    repeated: again.length,
    violations,
    ...totals(reports),
    viewsPerSecond: Math.round(reports.reduce((sum, { views }) => sum + views, 0) / seconds),
    shrunk:
      small === undefined
        ? undefined
        : { seed: small.report.seed, tries: small.tries, file: writeScenario(small.scenario) },
  };
}

function violationsOf(
  options: SimulateOptions,
  reports: readonly Report[],
  differing: readonly Report[],
): readonly Violation[] {
  const flags = [
    options.nodes === undefined ? "" : ` --nodes ${options.nodes}`,
    options.blocks === undefined ? "" : ` --blocks ${options.blocks}`,
    options.signatures === "ml-dsa" ? " --signatures ml-dsa" : "",
  ].join("");
  const repeat = (seed: number): string => `npm run simulate -- --scenario ${options.scenario} --seed ${seed}${flags}`;
  return [
    ...reports
      .filter(({ violations }) => violations.length > 0)
      .map(({ seed, violations, culprits, liars, logs }) => ({
        seed,
        what: violations,
        culprits,
        liars,
        repeat: repeat(seed),
        logs,
      })),
    ...differing.map(({ seed }) => ({
      seed,
      what: ["a second run of this seed had another trace"],
      culprits: [],
      liars: [],
      repeat: repeat(seed),
      logs: [],
    })),
  ];
}

function totals(reports: readonly Report[]) {
  const sum = (of: (report: Report) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const median = (of: (report: Report) => number): number => {
    const sorted = reports.map(of).toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1] as number;
  };
  const faults: Record<string, number> = {};
  const byzantine: Record<string, number> = {};
  for (const report of reports) {
    for (const [kind, count] of Object.entries(report.faults)) faults[kind] = (faults[kind] ?? 0) + count;
    for (const who of report.byzantine) {
      const [kind = ""] = who.split(" ");
      byzantine[kind] = (byzantine[kind] ?? 0) + 1;
    }
  }
  const [only] = reports;
  const traces = createHash("sha256");
  for (const { traceHash } of reports) traces.update(traceHash);
  return {
    simulatedHours: sum((report) => report.simulatedMs) / 3_600_000,
    blocks: sum((report) => report.blocks),
    views: sum((report) => report.views),
    votes: sum((report) => report.votes),
    events: sum((report) => report.events),
    faults,
    byzantine,
    evidence: sum((report) => report.evidence),
    forgottenPairs: sum((report) => report.forgottenPairs),
    finalityMs: median((report) => report.finalityMs),
    finality99Ms: median((report) => report.finality99Ms),
    finalityDelays:
      only?.finalityDelays === undefined ? undefined : median((report) => report.finalityDelays as number),
    traceHash: reports.length === 1 ? (only as Report).traceHash : traces.digest("hex"),
  };
}

export { loadWholeScenario, simulateWhole, type WholeSummary } from "./whole/index.ts";
