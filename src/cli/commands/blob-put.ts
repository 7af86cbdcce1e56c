// fairmesh blob put: stores a file on another's storage asset through the node beside this data folder.
import { copyFile } from "node:fs/promises";
import type { Command } from "commander";
import { FairmeshError } from "../../primitives/index.ts";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { idOf } from "../read-arguments.ts";
import type { Terminal } from "../terminal.ts";
import { transferMs, withTransfer } from "../transfer-file.ts";

export function define(command: Command, terminal: Terminal): void {
  withNode(command)
    .argument("<file>", "what to store; called again after a failure, only what is missing is sent")
    .argument("<asset>", "the storage asset's id")
    .action((file: string, text: string, options: NodeOptions) =>
      onNode({ options, terminal, scopes: ["sign"], timeoutMs: transferMs }, async ({ client, folder }) => {
        const asset = idOf(text);
        const { blobId } = await withTransfer(folder, async ({ name, path }) => {
          await copyFile(file, path).catch((cause: unknown) => {
            throw new FairmeshError("FILE_MISSING", `${file} cannot be read`, { cause });
          });
          return client.request("blob_put", { asset, file: name });
        });
        print(terminal, options, { data: { asset, blobId }, text: () => blobId });
      }),
    );
}
