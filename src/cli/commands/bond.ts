// fairmesh bond: adds to the bond of this operator or of one of its assets. An account that is no operator yet becomes one.
import type { Command } from "commander";
import { ClientError } from "../../client/index.ts";
import { assetId, type Digest, formatAddress, fromHex } from "../../primitives/index.ts";
import { type SigningOptions, send, withSigning } from "../node-access.ts";
import { accountOf, amountOf, idOf } from "../read-arguments.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends SigningOptions {
  readonly asset?: string;
  readonly withdrawal?: string;
}

const operatorItself = assetId(new Uint8Array(32));

export function define(command: Command, terminal: Terminal): void {
  withSigning(command)
    .argument("<amount>", "FAIR, such as 100")
    .option("--asset <id>", "the asset whose bond it is (default: the operator's own bond)")
    .option(
      "--withdrawal <address>",
      "when becoming an operator: the account that alone unbonds and is paid (default: the operator's own)",
    )
    .addHelpText(
      "after",
      "\nAn account that is no operator yet is registered as one, with this bond. Keep the withdrawal account's key elsewhere:\n" +
        "whoever takes the node's key can then vote and be slashed, but not take bond or rewards.",
    )
    .action((text: string, options: Options) =>
      send({
        options,
        terminal,
        body: async ({ client, keys }) => {
          const amount = amountOf(text);
          const operator = keys.signer.accountId;
          const account = formatAddress(operator);
          const known = await client.request("account_get", { account }).catch((error: unknown) => {
            if (error instanceof ClientError && error.reason === "account-not-found") return undefined;
            throw error;
          });
          if (known?.operator !== undefined) {
            const asset = options.asset === undefined ? operatorItself : assetId(fromHex(idOf(options.asset)));
            return { kind: "bond", value: { operator, assetId: asset, amount } };
          }
          const { beaconChainMin } = await client.request("params_get");
          const chainLength = Number(beaconChainMin);
          terminal.note(`registering ${account} as an operator\n`);
          return {
            kind: "registerOperator",
            value: {
              bond: amount,
              withdrawal: options.withdrawal === undefined ? operator : accountOf(options.withdrawal),
              beaconCommitment: keys.beaconChain(chainLength).end as Digest,
              auditorCommitment: keys.auditorChain(chainLength).end as Digest,
              chainLength,
            },
          };
        },
      }),
    );
}
