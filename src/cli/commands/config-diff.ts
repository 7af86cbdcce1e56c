// fairmesh config diff: the settings that differ from the defaults, with both values and where each is from.
import type { Command } from "commander";
import { type CommonOptions, print, setup, withConfig } from "../command.ts";
import { settingLines, shownSettings } from "../show-settings.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withConfig(command).action((options: CommonOptions) => {
    const settings = shownSettings(setup(options, terminal)).filter(
      ({ value, fallback }) => JSON.stringify(value) !== JSON.stringify(fallback),
    );
    print(terminal, options, {
      data: { settings },
      text: () => (settings.length === 0 ? "nothing differs from the defaults" : settingLines(settings)),
    });
  });
}
