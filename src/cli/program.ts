// Assembles the command line: all names for the help, but only the asked-for command's file is loaded. Turns every outcome into
// an exit code and a message; nothing below it writes errors or ends the process.
import { Command, CommanderError } from "commander";
import { FairmeshError } from "../primitives/index.ts";
import { type CommandRow, commandTable, groups } from "./command-table.ts";
import { type ExitCode, exitCodeOf } from "./exit-code.ts";
import type { Terminal } from "./terminal.ts";
import { packageVersion } from "./version.ts";

/** The row that the leading words of `argv` call, if they call one. */
function calledRow(argv: readonly string[]): CommandRow | undefined {
  const words = argv.filter((word, index) => !word.startsWith("-") && index < 3);
  const named = (text: string | undefined) => commandTable.find((row) => row.words === text);
  return named(words.slice(0, 2).join(" ")) ?? named(words[0]);
}

/** Errors are thrown instead of ending the process, and texts go to the terminal. */
function tame(command: Command, terminal: Terminal): Command {
  return command
    .exitOverride()
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.note(text),
      outputError: (text, write) => write(text.replace(/^error: /, "fairmesh: ")),
    });
}

async function assemble(argv: readonly string[], terminal: Terminal): Promise<Command> {
  const program = tame(new Command("fairmesh"), terminal)
    .description("A peer-to-peer node that proves physical service and shares its rewards fairly.")
    .version(packageVersion(), "-V, --version", "show the version")
    .usage("<command> [options]")
    .addHelpText(
      "after",
      "\nfairmesh <command> --help tells more. Exit codes: 0 done, 1 try again, 2 fatal or wrong usage.",
    );
  const parents = new Map<string, Command>();
  const called = calledRow(argv);
  for (const row of commandTable) {
    const [first = "", second] = row.words.split(" ");
    const summary = groups[first];
    if (summary !== undefined && !parents.has(first))
      parents.set(first, tame(program.command(first).description(summary), terminal));
    const parent = second === undefined ? program : (parents.get(first) as Command);
    const command = tame(parent.command(second ?? first).description(row.summary), terminal);
    if (second === undefined && !parents.has(first)) parents.set(first, command);
    if (row === called) (await row.load()).define(command, terminal);
  }
  return program;
}

/** "help keys new" is "keys new --help" where there is such a command, and nothing at all is "--help". */
function normalise(argv: readonly string[]): readonly string[] {
  const [first, ...words] = argv;
  if (first !== undefined && first !== "help") return argv;
  const known = commandTable.some((row) => row.words.split(" ")[0] === words[0]);
  return known || words.length === 0 ? [...words, "--help"] : words;
}

function report(error: unknown, terminal: Terminal, json: boolean): ExitCode {
  if (error instanceof CommanderError) {
    // commander has written its message; help and version are no errors, a group without a command is.
    return error.exitCode === 0 ? 0 : 2;
  }
  const code = exitCodeOf(error);
  const known = error instanceof FairmeshError;
  const message = error instanceof Error ? error.message : String(error);
  const name = known ? error.code : "UNEXPECTED";
  if (json) {
    const fields = known ? { fields: error.fields } : {};
    terminal.note(`${JSON.stringify({ error: { code: name, message, ...fields } })}\n`);
  } else {
    terminal.note(`fairmesh: ${message}${known ? ` (${name})` : ""}\n`);
    if (!known && error instanceof Error) terminal.note(`${error.stack ?? ""}\n`);
  }
  return code;
}

/** Runs the command that `argv` (without node and script) asks for, and says how it went. Never throws. */
export async function runCommand(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const words = normalise(argv);
  try {
    const program = await assemble(words, terminal);
    await program.parseAsync([...words], { from: "user" });
    return 0;
  } catch (error) {
    return report(error, terminal, words.includes("--json"));
  }
}
