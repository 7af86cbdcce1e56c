// fairmesh simulate: the real consensus and driver on a virtual clock, under a scenario's faults, from a seed.
import { type Command, InvalidArgumentError } from "commander";
import { FairmeshError } from "../../primitives/index.ts";
import { print, withJson } from "../command.ts";
import type { Terminal } from "../terminal.ts";

interface SimulateFlags {
  readonly scenario: string;
  readonly seed: number;
  readonly seeds?: readonly [number, number];
  readonly nodes?: number;
  readonly blocks?: number;
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

export function define(command: Command, terminal: Terminal): void {
  withJson(command)
    .option("--scenario <name>", "calm, mixed, rotating, forgetful, or a file", "calm")
    .option("--seed <number>", "the same seed gives the same run", (text) => number(text, 0, seedMax), 1)
    .option("--seeds <from..to>", "one run for each seed", readRange)
    .option("--nodes <count>", "seats (default: the scenario's)", (text) => number(text, 1, 64))
    .option("--blocks <count>", "blocks to finalize after healing", (text) => number(text, 1, 100_000))
    .action(async (flags: SimulateFlags) => {
      const { runSimulate } = await import("../../../simulation/simulate.ts");
      const summary = await runSimulate({
        scenario: flags.scenario,
        seeds: flags.seeds ?? [flags.seed, flags.seed],
        nodes: flags.nodes,
        blocks: flags.blocks,
        onReport: (report, done, of) => {
          for (const violation of report.violations) terminal.note(`seed ${report.seed}: ${violation}\n`);
          if (of > 1 && (done % 10 === 0 || done === of)) terminal.note(`${done} of ${of} seeds\n`);
        },
      });
      print(terminal, flags, {
        data: summary,
        text: () =>
          [
            `${summary.scenario}: ${summary.nodes} nodes, ${summary.seeds} seeds, ${summary.simulatedHours.toFixed(2)} simulated hours`,
            `${summary.views} views, ${summary.blocks} blocks, ${summary.votes} votes; ${summary.viewsPerSecond} views a second`,
            `faults: ${
              Object.entries(summary.faults)
                .map(([kind, count]) => `${count} ${kind}`)
                .join(", ") || "none"
            }`,
            `finality ${summary.finalityMs} ms${summary.finalityDelays === undefined ? "" : `, ${summary.finalityDelays.toFixed(2)} one-way delays`}`,
            `trace ${summary.traceHash}`,
          ].join("\n"),
      });
      const [worst] = summary.violations;
      if (worst === undefined) return;
      throw new FairmeshError(
        "VIOLATION",
        `${summary.violations.length} seeds broke a rule; repeat one with: ${worst.repeat}`,
      );
    });
}
