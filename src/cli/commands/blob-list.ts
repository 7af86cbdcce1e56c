// fairmesh blob list: what this node stores with others.
import type { Command } from "commander";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { shortId, table } from "../tables.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withNode(command).action((options: NodeOptions) =>
    onNode({ options, terminal }, async ({ client }) => {
      const blobs = await client.request("blob_list");
      print(terminal, options, {
        data: blobs,
        text: () =>
          blobs.length === 0
            ? "this node stores nothing with others; `fairmesh blob put FILE ASSET` does"
            : table(
                ["blob", "asset", "provider", "bytes", "epoch"],
                blobs.map(({ blobId, assetId, provider, length, epoch }) => [
                  ...[blobId, assetId, shortId(provider)],
                  ...[String(length), String(epoch)],
                ]),
              ),
      });
    }),
  );
}
