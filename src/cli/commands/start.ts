// fairmesh start: runs a node on a data folder until it is told to end (SIGTERM, SIGINT). Exit code 2 when a restart would
// not help.
import type { Command } from "commander";
import { type CommonOptions, requireFolder, setup, withConfig } from "../command.ts";
import { type PasswordOptions, readPassword } from "../password.ts";
import { runNode } from "../run-node.ts";
import type { Terminal } from "../terminal.ts";
import { packageVersion } from "../version.ts";

export function define(command: Command, terminal: Terminal): void {
  withConfig(command)
    .option("--password-file <file>", "holds the password of the operator's key")
    .action(async (options: CommonOptions & PasswordOptions) => {
      const found = setup(options, terminal);
      requireFolder(found);
      const { config, folder } = found;
      const { createNode } = await import("../../node/index.ts");
      const password = await readPassword(options, config, terminal);
      const told = Promise.withResolvers<void>();
      process.once("SIGINT", () => told.resolve());
      process.once("SIGTERM", () => told.resolve());
      const node = { config, folder, password, version: packageVersion() };
      await runNode((hooks) => createNode({ ...node, ...hooks }), told.promise);
    });
}
