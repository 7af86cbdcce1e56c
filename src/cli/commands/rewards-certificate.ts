// fairmesh rewards certificate: the file that proves a reward to anyone, offline (`fairmesh verify`).
import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { FairmeshError, fromHex } from "../../primitives/index.ts";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { idOf } from "../read-arguments.ts";
import type { Terminal } from "../terminal.ts";
import { settledEpoch } from "./rewards-list.ts";

interface Options extends NodeOptions {
  readonly epoch?: string;
  readonly from?: string;
  readonly out?: string;
}

export function define(command: Command, terminal: Terminal): void {
  withNode(command)
    .argument("<asset>", "an asset's id")
    .option("-e, --epoch <number>", "an epoch (default: the last settled one)")
    .option("--from <start>", "where its chain of committees begins: near, genesis, or a trusted block's digest")
    .option("-o, --out <file>", "file to write (default: reward-EPOCH-ASSET.cert)")
    .action((text: string, options: Options) =>
      onNode({ options, terminal }, async ({ client }) => {
        const epoch = await settledEpoch(client, options.epoch);
        const asset = idOf(text);
        const from = options.from === undefined ? {} : { from: options.from };
        const { certificate } = await client.request("reward_getCertificate", { epoch, asset, ...from });
        const file = options.out ?? `reward-${epoch}-${asset.slice(2, 10)}.cert`;
        const bytes = fromHex(certificate);
        await writeFile(file, bytes, { flag: "wx" }).catch((cause: NodeJS.ErrnoException) => {
          const why = cause.code === "EEXIST" ? "exists; name another with --out" : "cannot be written";
          throw new FairmeshError("FILE_EXISTS", `${file} ${why}`, { cause });
        });
        print(terminal, options, {
          data: { file, epoch, asset, bytes: bytes.length },
          text: () => `${file}: ${bytes.length} bytes; check it with: fairmesh verify ${file}`,
        });
      }),
    );
}
