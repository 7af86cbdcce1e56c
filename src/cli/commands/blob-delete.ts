// fairmesh blob delete: removes a blob from the asset that holds it.
import type { Command } from "commander";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { idOf } from "../read-arguments.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withNode(command)
    .argument("<blob>", "the blob's id")
    .argument("<asset>", "the storage asset that holds it")
    .action((blobText: string, assetText: string, options: NodeOptions) =>
      onNode({ options, terminal, scopes: ["sign"] }, async ({ client }) => {
        const [blob, asset] = [idOf(blobText), idOf(assetText)];
        const { removed } = await client.request("blob_remove", { asset, blob });
        print(terminal, options, { data: { asset, blob, removed }, text: () => `${blob} is removed` });
      }),
    );
}
