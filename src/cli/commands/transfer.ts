// fairmesh transfer: sends money to an account.
import type { Command } from "commander";
import { type SigningOptions, send, withSigning } from "../node-access.ts";
import { accountOf, amountOf } from "../read-arguments.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withSigning(command)
    .argument("<amount>", "FAIR, such as 12.5")
    .argument("<address>", "who gets it, fair1…")
    .action((amount: string, address: string, options: SigningOptions) => {
      const value = { to: accountOf(address), amount: amountOf(amount) };
      return send({ options, terminal, body: async () => ({ kind: "transfer", value }) });
    });
}
