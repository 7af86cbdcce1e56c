// fairmesh backup: the chain and the state as one file. Never keys, never the guard, never votes (S-14).
import { resolve } from "node:path";
import type { Command } from "commander";
import { backupNode } from "../../node/offline.ts";
import { FairmeshError } from "../../primitives/index.ts";
import { type CommonOptions, print, setup, withConfig } from "../command.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withConfig(command)
    .argument("<file>", "file to write; it must not exist")
    .addHelpText(
      "after",
      "\nThe node must be stopped. Keys are not in it: keep the 24 words. Nor is the guard: a restored node observes until it\n" +
        "cannot vote twice.",
    )
    .action(async (file: string, options: CommonOptions) => {
      const { folder } = setup(options, terminal);
      const count = await backupNode(folder, resolve(file)).catch((error: unknown) => {
        if (!(error instanceof FairmeshError) || error.code !== "STORE_LOCKED") throw error;
        throw new FairmeshError("STORE_LOCKED", "a node runs on this folder: stop it first", { cause: error });
      });
      print(terminal, options, {
        data: { file, ...count },
        text: () => `${file}: ${count.entries} entries, ${count.bytes} bytes`,
      });
    });
}
