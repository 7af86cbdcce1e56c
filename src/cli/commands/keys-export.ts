// fairmesh keys export: what is behind the key file. By default the 24 words, which are the key; --public for what may be shown.
import type { Command } from "commander";
import { openOperatorKey } from "../../node/offline.ts";
import { type CommonOptions, print, setup, withConfig } from "../command.ts";
import { type PasswordOptions, readPassword } from "../password.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends CommonOptions, PasswordOptions {
  readonly public?: boolean;
}

export function define(command: Command, terminal: Terminal): void {
  withConfig(command)
    .option("--password-file <file>", "holds the key file's password")
    .option("--public", "address, account, public key and peer only")
    .action(async (options: Options) => {
      const { config, folder } = setup(options, terminal);
      const password = await readPassword(options, config, terminal);
      const { facts, words } = await openOperatorKey(folder.operatorKey, password);
      if (options.public === true) {
        print(terminal, options, {
          data: facts,
          text: () =>
            [
              `Address     ${facts.address}`,
              `Account     ${facts.accountId}`,
              `Peer        ${facts.peerId}`,
              `Public key  ${facts.publicKey}`,
            ].join("\n"),
        });
        return;
      }
      if (terminal.interactive) terminal.note("Whoever has these words has the key.\n");
      print(terminal, options, { data: { address: facts.address, words }, text: () => words });
    });
}
