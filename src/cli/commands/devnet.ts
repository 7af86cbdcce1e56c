// fairmesh devnet: a local network of real nodes with a live view; ends by itself with --epochs, else with Ctrl-C.
import { type Command, InvalidArgumentError } from "commander";
import { formatCount, formatFair } from "../../primitives/index.ts";
import { print, withExamples, withJson } from "../command.ts";
import type { Terminal } from "../terminal.ts";

interface DevnetFlags {
  readonly nodes: number;
  readonly epochs?: number;
  readonly seed?: number;
  readonly folder?: string;
  readonly keep?: boolean;
  readonly json?: boolean;
}

const whole =
  (low: number, high: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new InvalidArgumentError(`a whole number from ${low} to ${high} is expected`);
    }
    return value;
  };

const clearScreen = "\u001b[2J\u001b[H";

export function define(command: Command, terminal: Terminal): void {
  withExamples(withJson(command), "devnet --epochs 1 --json", "devnet --nodes 6 --seed 7 --folder ./net --keep")
    .option("-n, --nodes <count>", "nodes, each a process of its own", whole(4, 16), 4)
    .option("-e, --epochs <count>", "end after so many epochs with rewards", whole(1, 10_000))
    .option("--seed <number>", "make the same keys again", whole(0, 2 ** 31))
    .option("--folder <folder>", "where the network lives (default: a fresh folder, removed at the end)")
    .option("--keep", "keep the network's folder")
    .action(async (flags: DevnetFlags) => {
      const { drawNetwork, runDevnet } = await import("../../../simulation/mesh/index.ts");
      const stop = new AbortController();
      const interrupt = (): void => stop.abort(new Error("interrupted"));
      process.once("SIGINT", interrupt);
      process.once("SIGTERM", interrupt);
      const live = terminal.interactive && flags.json !== true;
      let lastLine = "";
      const summary = await runDevnet({
        nodes: flags.nodes,
        epochs: flags.epochs,
        seed: flags.seed,
        folder: flags.folder,
        keep: flags.keep ?? false,
        signal: stop.signal,
        onNote: (line) => terminal.note(`${line}\n`),
        onPicture: (drawing) => {
          if (live) {
            terminal.out(
              `${clearScreen}${drawNetwork({ ...drawing, color: terminal.color })}\nCtrl-C stops the network.\n`,
            );
            return;
          }
          const height = Math.max(...drawing.nodes.map((node) => node.height));
          const line = `${drawing.seconds} s: height ${height}, ${formatCount(drawing.epochs.length, "epoch")} settled`;
          if (line !== lastLine && drawing.seconds % 5 === 0) terminal.note(`${line}\n`);
          lastLine = line;
        },
      });
      print(terminal, flags, {
        data: summary,
        text: () =>
          [
            `${summary.nodes} nodes, ${summary.seconds} s, ${summary.height} blocks, ${formatCount(summary.epochsPaid, "epoch")} with rewards`,
            `first rewards after ${summary.firstRewardSeconds ?? "–"} s; ${formatFair(BigInt(summary.paidGrains))} paid to assets`,
            ...(summary.folder === undefined ? [] : [`kept in ${summary.folder}`]),
          ].join("\n"),
      });
    });
}
