// fairmesh tx send: hands in a transaction that was signed elsewhere.
import { readFile, stat } from "node:fs/promises";
import type { Command } from "commander";
import { FairmeshError, toHex } from "../../primitives/index.ts";
import { longTransactionBytesMax } from "../../schema/index.ts";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import type { Terminal } from "../terminal.ts";

const fileBytesMax = 4 * longTransactionBytesMax;

/** The file's bytes, or the hex text in it, as hex. */
async function readTransaction(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > fileBytesMax) throw new FairmeshError("FILE_UNREADABLE", `${file} is too long for a transaction`);
    const bytes = await readFile(file);
    const text = bytes.toString("latin1").trim();
    return /^(0x)?([0-9a-f]{2})+$/.test(text) ? text.replace(/^(0x)?/, "0x") : `0x${toHex(bytes)}`;
  } catch (cause) {
    if (cause instanceof FairmeshError) throw cause;
    throw new FairmeshError("FILE_UNREADABLE", `${file} cannot be read`, { cause });
  }
}

export function define(command: Command, terminal: Terminal): void {
  withNode(command)
    .argument("<file>", "a signed transaction, as bytes or as hex")
    .action((file: string, options: NodeOptions) =>
      onNode({ options, terminal, scopes: ["write"] }, async ({ client }) => {
        const sent = await client.request("tx_submit", { transaction: await readTransaction(file) });
        print(terminal, options, { data: sent, text: () => `sent ${sent.id}` });
      }),
    );
}
