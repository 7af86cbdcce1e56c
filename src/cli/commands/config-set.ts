// fairmesh config set: changes one setting in the configuration file, which keeps its comments.
import type { Command } from "commander";
import { dataFolder, setInText, unsetInText } from "../../config/index.ts";
import { FairmeshError } from "../../primitives/index.ts";
import { type CommonOptions, print, rootOf, withConfig } from "../command.ts";
import { changeConfigFile } from "../config-file.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends CommonOptions {
  readonly unset?: boolean;
}

export function define(command: Command, terminal: Terminal): void {
  withConfig(
    command
      .argument("<section.key>", "the setting")
      .argument("[value]", "its new value; lists are separated by commas")
      .option("--unset", "take the setting out of the file, so that preset or default apply"),
  ).action(async (path: string, value: string | undefined, options: Options) => {
    if ((value === undefined) !== (options.unset === true)) {
      throw new FairmeshError("USAGE", "give either a value or --unset");
    }
    const file = options.config ?? dataFolder(rootOf(options, terminal)).config;
    await changeConfigFile(file, (text) =>
      value === undefined ? unsetInText(text, path) : setInText(text, path, value),
    );
    print(terminal, options, { data: { file, path, value: value ?? null }, text: () => `${file} changed` });
  });
}
