// fairmesh restore: makes a database from a backup, in a data folder that has none.
import { resolve } from "node:path";
import type { Command } from "commander";
import { restoreNode } from "../../node/offline.ts";
import { type CommonOptions, print, setup, withConfig } from "../command.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withConfig(command)
    .argument("<file>", "a backup")
    .action(async (file: string, options: CommonOptions) => {
      const { folder } = setup(options, terminal);
      const count = await restoreNode(folder, resolve(file));
      print(terminal, options, {
        data: { file, ...count },
        text: () =>
          `${count.entries} entries restored to ${folder.database}; the chain is checked when the node starts`,
      });
    });
}
