// fairmesh unbond: takes bond back after the delay. Signed by the withdrawal account (I-7).
import type { Command } from "commander";
import { assetId, fromHex } from "../../primitives/index.ts";
import { type SigningOptions, send, withSigning } from "../node-access.ts";
import { accountOf, amountOf, idOf } from "../read-arguments.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends SigningOptions {
  readonly asset?: string;
  readonly operator?: string;
}

export function define(command: Command, terminal: Terminal): void {
  withSigning(command)
    .argument("<amount>", "FAIR, such as 100")
    .option("--asset <id>", "the asset whose bond it is (default: the operator's own bond)")
    .option("--operator <address>", "whose bond (default: the signing account's)")
    .addHelpText("after", "\nThe withdrawal account signs: name its key file with --key.")
    .action((text: string, options: Options) =>
      send({
        options,
        terminal,
        body: async ({ keys }) => ({
          kind: "unbond",
          value: {
            operator: options.operator === undefined ? keys.signer.accountId : accountOf(options.operator),
            assetId: assetId(options.asset === undefined ? new Uint8Array(32) : fromHex(idOf(options.asset))),
            amount: amountOf(text),
          },
        }),
      }),
    );
}
