// fairmesh keys new: a key that has never signed, and the guard that remembers what it will sign (S-14).
import type { Command } from "commander";
import { makeOperatorKey } from "../../node/offline.ts";
import { type CommonOptions, print, setup, withConfig } from "../command.ts";
import { newPassword, type PasswordOptions } from "../password.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends CommonOptions, PasswordOptions {
  readonly showWords?: boolean;
}

export function define(command: Command, terminal: Terminal): void {
  withConfig(command)
    .option("--password-file <file>", "holds the password for the key file")
    .option("--show-words", "print the 24 words even where no person sits at a terminal")
    .action(async (options: Options) => {
      const { config, folder } = setup(options, terminal);
      const password = await newPassword(options, config, terminal);
      const { facts, words } = await makeOperatorKey({ folder, password });
      const shown = options.showWords === true || (terminal.interactive && options.json !== true);
      print(terminal, options, {
        data: { ...facts, guard: folder.guard, ...(shown ? { words } : {}) },
        text: () =>
          [
            `Address   ${facts.address}`,
            `Peer      ${facts.peerId}`,
            `Key file  ${facts.file}`,
            `Guard     ${folder.guard}`,
            ...(shown
              ? ["", "Write these 24 words down and keep them from others; they restore the key:", "", words]
              : ["", "`fairmesh keys export` shows the 24 words that restore the key: write them down."]),
          ].join("\n"),
      });
    });
}
