// fairmesh config get: one setting's effective value.
import type { Command } from "commander";
import { requireSetting } from "../../config/index.ts";
import { FairmeshError } from "../../primitives/index.ts";
import { type CommonOptions, print, setup, withConfig } from "../command.ts";
import { shownSettings, valueText } from "../show-settings.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withConfig(command.argument("<section.key>", "the setting")).action((path: string, options: CommonOptions) => {
    const { setting } = requireSetting(path);
    if (setting.secret) throw new FairmeshError("CONFIG_SECRET", `${path} is a secret and is not shown`);
    const shown = shownSettings(setup(options, terminal)).find((one) => one.path === path);
    print(terminal, options, { data: shown, text: () => valueText(shown?.value) });
  });
}
