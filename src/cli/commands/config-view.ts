// fairmesh config view: every setting with its value and where it is from; secrets only as given or not.
import type { Command } from "commander";
import { type CommonOptions, print, setup, withConfig } from "../command.ts";
import { settingLines, shownSettings } from "../show-settings.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withConfig(command).action((options: CommonOptions) => {
    const settings = shownSettings(setup(options, terminal));
    print(terminal, options, { data: { settings }, text: () => settingLines(settings) });
  });
}
