// fairmesh simulate: the real consensus and driver on a virtual clock, under a scenario's faults, from a seed.
import { type Command, InvalidArgumentError, Option } from "commander";
import { FairmeshError, formatFair } from "../../primitives/index.ts";
import { print, withExamples, withJson } from "../command.ts";
import { percent, table } from "../tables.ts";
import type { Terminal } from "../terminal.ts";

interface SimulateFlags {
  readonly scenario: string;
  readonly seed: number;
  readonly seeds?: readonly [number, number];
  readonly nodes?: number;
  readonly blocks?: number;
  readonly signatures: "cheap" | "ml-dsa";
  readonly jobs?: number;
  readonly repeatEvery?: number;
  readonly shrink?: boolean;
  readonly json?: boolean;
}

const seedMax = 2 ** 31;

function number(text: string, low: number, high: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw new InvalidArgumentError(`a whole number from ${low} to ${high} is expected`);
}

function readRange(text: string): readonly [number, number] {
  const match = /^(\d{1,10})\.\.(\d{1,10})$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || first > last || last > seedMax)
    throw new InvalidArgumentError("a range such as 1..100 is expected");
  return [first, last];
}

const counted = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ") || "none";

/** A bar on a terminal, a line each tenth elsewhere. */
function progressTo(terminal: Terminal): (done: number, of: number) => void {
  const barWidth = 30;
  return (done, of) => {
    if (of === 1) return;
    if (terminal.interactive) {
      const full = Math.round((barWidth * done) / of);
      terminal.note(
        `\r${"█".repeat(full)}${"░".repeat(barWidth - full)} ${done}/${of} seeds${done === of ? "\n" : ""}`,
      );
    } else if (done === of || done % Math.ceil(of / 10) === 0) terminal.note(`${done} of ${of} seeds\n`);
  };
}

type Summary = Awaited<ReturnType<typeof import("../../../simulation/simulate.ts")["runSimulate"]>>;

function blamed({ culprits, liars }: Pick<Summary["violations"][number], "culprits" | "liars">): string {
  const named = (accounts: readonly number[]): string => (accounts.length === 0 ? "nobody" : accounts.join(", "));
  return `S-13 punishes ${named(culprits)} for votes that were sent; Byzantine by the scenario: ${named(liars)}`;
}

function describe(summary: Summary): string {
  const { finalityDelays: delays, repeated } = summary;
  return [
    `${summary.scenario}: ${summary.nodes} nodes, ${summary.seeds} seeds, ${summary.simulatedHours.toFixed(2)} simulated hours`,
    `${summary.views} views, ${summary.blocks} blocks, ${summary.votes} votes; ${summary.viewsPerSecond} views a second`,
    `faults: ${counted(summary.faults)}`,
    `Byzantine nodes: ${counted(summary.byzantine)}; ${summary.evidence} pieces of evidence`,
    ...(summary.forgottenPairs === 0 ? [] : [`${summary.forgottenPairs} slashable pairs of nodes set back whole`]),
    `finality ${summary.finalityMs} ms${delays === undefined ? "" : `, ${delays.toFixed(2)} one-way delays`}, 99 of 100 within ${summary.finality99Ms} ms`,
    ...(repeated === 0 ? [] : [`${repeated} seeds run twice`]),
    `trace ${summary.traceHash}`,
    `${summary.violations.length} violations at commit ${summary.commit}`,
    ...(summary.shrunk === undefined
      ? []
      : [`# seed ${summary.shrunk.seed}, made small in ${summary.shrunk.tries} runs:`, summary.shrunk.file.trimEnd()]),
  ].join("\n");
}

type Whole = Awaited<ReturnType<typeof import("../../../simulation/simulate.ts")["simulateWhole"]>>;

/** Grains to FAIR with three decimals, signed. */
const money = (grains: bigint): string => {
  const shown = grains < 0n ? -grains : grains;
  return `${grains < 0n ? "-" : ""}${formatFair((shown / 1_000_000n) * 1_000_000n)}`;
};

function describeWhole(report: Whole["reports"][number]): string {
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
    ...report.joins.map(({ operator, height }) => `${operator} joined by state after block ${height}`),
    `epoch records ${report.recordsHash}`,
    `trace ${report.traceHash}`,
    `${report.violations.length} violations`,
  ].join("\n");
}

function reportWhole(terminal: Terminal, flags: SimulateFlags, summary: Whole): void {
  print(terminal, flags, {
    data: summary,
    text: () => [`${summary.scenario}: ${summary.description}`, ...summary.reports.map(describeWhole)].join("\n\n"),
  });
  const worst = summary.reports.find(({ violations }) => violations.length > 0);
  if (worst === undefined) return;
  throw new FairmeshError(
    "VIOLATION",
    `${worst.violations[0]}; repeat with: npm run simulate -- --scenario ${flags.scenario} --seed ${worst.seed}`,
  );
}

export function define(command: Command, terminal: Terminal): void {
  withExamples(
    withJson(command),
    "simulate --scenario mixed --seeds 1..20",
    "simulate --scenario harsh --seed 7 --shrink",
    "simulate --scenario full",
  )
    .option(
      "--scenario <name>",
      "calm, mixed, rotating, forgetful, harsh, stall, stall-a, slow; whole nodes: full, whale, sybil, colluders, majority, provers, liars, double-signer; or a file",
      "calm",
    )
    .option("--seed <number>", "the same seed gives the same run", (text) => number(text, 0, seedMax), 1)
    .option("--seeds <from..to>", "one run for each seed", readRange)
    .option("--nodes <count>", "seats (default: the scenario's)", (text) => number(text, 1, 64))
    .option("--blocks <count>", "blocks to finalize after healing", (text) => number(text, 1, 100_000))
    .addOption(
      new Option("--signatures <kind>", "keyed hashes, or real post-quantum signatures")
        .choices(["cheap", "ml-dsa"])
        .default("cheap"),
    )
    .option("--jobs <count>", "worker threads (default: one a core)", (text) => number(text, 1, 64))
    .option("--repeat-every <n>", "run each n-th seed twice and compare the traces", (text) => number(text, 1, seedMax))
    .option("--shrink", "make the first failing run small and print it as a scenario file")
    .action(async (flags: SimulateFlags) => {
      const { loadWholeScenario, runSimulate, simulateWhole } = await import("../../../simulation/simulate.ts");
      const whole = loadWholeScenario(flags.scenario);
      if (whole !== undefined) {
        const seeds = flags.seeds ?? ([flags.seed, flags.seed] as const);
        const onEpoch = (seed: number, epoch: number, of: number): void => {
          if (terminal.interactive) terminal.note(`\rseed ${seed}: epoch ${epoch} of ${of}${epoch === of ? "\n" : ""}`);
        };
        return reportWhole(terminal, flags, await simulateWhole(whole, seeds, onEpoch));
      }
      const progress = progressTo(terminal);
      const summary = await runSimulate({
        scenario: flags.scenario,
        seeds: flags.seeds ?? [flags.seed, flags.seed],
        nodes: flags.nodes,
        blocks: flags.blocks,
        signatures: flags.signatures,
        jobs: flags.jobs,
        repeatEvery: flags.repeatEvery,
        shrink: flags.shrink ?? false,
        onReport: (report, done, of) => {
          for (const violation of report.violations) terminal.note(`\nseed ${report.seed}: ${violation}\n`);
          if (report.violations.length > 0) terminal.note(`seed ${report.seed}: ${blamed(report)}\n`);
          progress(done, of);
        },
        onShrinking: () => terminal.note("making the failing run small...\n"),
      });
      print(terminal, flags, { data: summary, text: () => describe(summary) });
      const [worst] = summary.violations;
      if (worst === undefined) return undefined;
      throw new FairmeshError(
        "VIOLATION",
        `${summary.violations.length} of ${summary.seeds} seeds broke a rule at commit ${summary.commit}; repeat seed ${worst.seed} with: ${worst.repeat}`,
      );
    });
}
