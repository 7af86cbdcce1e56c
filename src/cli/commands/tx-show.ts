// fairmesh tx show: what became of a transaction.
import type { Command } from "commander";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { idOf } from "../read-arguments.ts";
import { facts } from "../tables.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withNode(command)
    .argument("<id>", "a transaction's id")
    .action((text: string, options: NodeOptions) =>
      onNode({ options, terminal }, async ({ client }) => {
        const found = await client.request("tx_get", { id: idOf(text) });
        print(terminal, options, {
          data: found,
          text: () =>
            facts([
              ["Transaction", found.id],
              ["Status", found.status === "final" ? `final in block ${found.height}` : "waits for a block"],
              ["Kind", found.kind],
              ["Sender", found.sender],
              ["Nonce", found.nonce],
            ]),
        });
      }),
    );
}
