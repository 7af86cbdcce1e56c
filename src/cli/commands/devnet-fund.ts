// fairmesh devnet fund: money from a local network's faucet, so that an account can bond and pay fees there.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { FairmeshError } from "../../primitives/index.ts";
import { type SigningOptions, send, withSigning } from "../node-access.ts";
import { accountOf, amountOf } from "../read-arguments.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends SigningOptions {
  readonly folder: string;
  readonly amount: string;
}

/** A local network's keys are all opened by this: there is nothing in them worth more (simulation/mesh). */
const devnetPassword = "devnet";

export function define(command: Command, terminal: Terminal): void {
  withSigning(command)
    .argument("<address>", "who gets it, fair1…")
    .requiredOption("--folder <folder>", "where the local network lives, as `fairmesh devnet` prints it")
    .option("--amount <fair>", "how much", "500")
    .action((address: string, options: Options) => {
      const key = join(options.folder, "faucet/keys/operator.json");
      if (!existsSync(key)) throw new FairmeshError("FAUCET_MISSING", `${options.folder} holds no local network`);
      const environment = { ...terminal.environment, FAIRMESH_KEYS_PASSWORD: devnetPassword };
      const value = { to: accountOf(address), amount: amountOf(options.amount) };
      return send({
        options: { ...options, key, dataDir: options.dataDir ?? join(options.folder, "node-1") },
        terminal: { ...terminal, environment },
        body: async () => ({ kind: "transfer", value }),
      });
    });
}
