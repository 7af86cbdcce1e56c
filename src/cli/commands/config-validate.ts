// fairmesh config validate: says whether a configuration is right, and every line that is not.
import type { Command } from "commander";
import { type CommonOptions, print, setup, withConfig } from "../command.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withConfig(command.argument("[file]", "a file instead of the data folder's")).action(
    (file: string | undefined, options: CommonOptions) => {
      const { config, file: read } = setup(file === undefined ? options : { ...options, config: file }, terminal);
      print(terminal, options, {
        data: { valid: true, file: read ?? null, preset: config.network.preset },
        text: () => `${read ?? "the defaults"}: valid, for ${config.network.preset}`,
      });
    },
  );
}
