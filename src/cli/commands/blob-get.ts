// fairmesh blob get: reads a blob, or a part of it, every byte checked against its id.
import { constants, copyFile, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { FairmeshError } from "../../primitives/index.ts";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { bytesOf, idOf } from "../read-arguments.ts";
import type { Terminal } from "../terminal.ts";
import { transferMs, withTransfer } from "../transfer-file.ts";

interface Options extends NodeOptions {
  readonly out: string;
  readonly at?: string;
  readonly length?: string;
}

export function define(command: Command, terminal: Terminal): void {
  withNode(command)
    .argument("<blob>", "the blob's id")
    .argument("<asset>", "the storage asset that holds it")
    .requiredOption("-o, --out <file>", "file to write; it must not exist")
    .option("--at <bytes>", "first byte, such as 1MiB (default: the first)")
    .option("--length <bytes>", "bytes at most (default: all)")
    .action((blobText: string, assetText: string, options: Options) =>
      onNode({ options, terminal, scopes: ["sign"], timeoutMs: transferMs }, async ({ client, folder }) => {
        const [blob, asset] = [idOf(blobText), idOf(assetText)];
        const { out } = options;
        const range = {
          ...(options.at === undefined ? {} : { at: bytesOf(options.at) }),
          ...(options.length === undefined ? {} : { length: bytesOf(options.length) }),
        };
        const { length } = await withTransfer(folder, async ({ name, path }) => {
          const read = await client.request("blob_get", { asset, blob, file: name, ...range });
          const written =
            read.length === 0 ? writeFile(out, "", { flag: "wx" }) : copyFile(path, out, constants.COPYFILE_EXCL);
          await written.catch((cause: NodeJS.ErrnoException) => {
            throw cause.code === "EEXIST"
              ? new FairmeshError("FILE_EXISTS", `${out} exists; name another with --out`, { cause })
              : new FairmeshError("FILE_UNWRITABLE", `${out} cannot be written`, { cause });
          });
          return read;
        });
        print(terminal, options, { data: { asset, blob, file: out, length }, text: () => `${out}: ${length} bytes` });
      }),
    );
}
