// fairmesh start: runs a node on a data folder until it is told to end (SIGTERM, SIGINT). Exit code 2 when a restart would
// not help.
import type { Command } from "commander";
import { type CommonOptions, requireFolder, setup, withConfig } from "../command.ts";
import { type PasswordOptions, readPassword } from "../password.ts";
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
      const ended = Promise.withResolvers<void>();
      const node = await createNode({ config, folder, password, version: packageVersion(), onFailure: ended.reject });
      const stop = (): void => ended.resolve();
      process.once("SIGINT", stop);
      process.once("SIGTERM", stop);
      try {
        await node.start();
        await ended.promise;
      } finally {
        await node.stop();
      }
    });
}
