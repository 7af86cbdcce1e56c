// The command line's entry: the hasher first (before any SSZ type is made), then the program.
import "../src/native/hasher.ts";

const { processTerminal, runCommand } = await import("../src/cli/index.ts");
process.exitCode = await runCommand(process.argv.slice(2), processTerminal());
