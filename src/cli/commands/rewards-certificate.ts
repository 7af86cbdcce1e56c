// fairmesh rewards certificate: the file that proves a reward to anyone, offline (`fairmesh verify`).

import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import type { DataFolder } from "../../config/index.ts";
import { FairmeshError, fromHex } from "../../primitives/index.ts";
import { print, withExamples } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { idOf } from "../read-arguments.ts";
import type { Terminal } from "../terminal.ts";
import { settledEpoch } from "./rewards-list.ts";

interface Options extends NodeOptions {
  readonly epoch?: string;
  readonly from?: string;
  readonly out?: string;
}

const startOf = (text: string): string => {
  if (text === "near" || text === "genesis") return text;
  if (/^(0x)?[0-9a-f]{64}$/.test(text)) return idOf(text);
  throw new FairmeshError("USAGE", `--from takes near, genesis or a block's digest (64 hex digits), not "${text}"`);
};

/** The options that anchor it, as far as they are known here. */
function trustOf({ from }: Options, { genesis }: DataFolder): string {
  const file = existsSync(genesis) ? ` --genesis ${genesis}` : "";
  return from === "genesis" ? file : `${file} --checkpoint ${from === undefined || from === "near" ? "DIGEST" : from}`;
}

export function define(command: Command, terminal: Terminal): void {
  withExamples(
    withNode(command),
    "rewards certificate ASSET --from genesis            # of a young network",
    "rewards certificate ASSET --epoch 7 --from DIGEST   # DIGEST: a checkpoint from before that reward",
  )
    .argument("<asset>", "an asset's id")
    .option("-e, --epoch <number>", "an epoch (default: the last settled one)")
    .option("--from <start>", "where its chain of committees begins: near, genesis, or a trusted block's digest")
    .option("-o, --out <file>", "file to write (default: reward-EPOCH-ASSET.cert)")
    .action((text: string, options: Options) =>
      onNode({ options, terminal }, async ({ client, folder }) => {
        const epoch = await settledEpoch(client, options.epoch);
        const asset = idOf(text);
        const from = options.from === undefined ? {} : { from: startOf(options.from) };
        const { certificate } = await client.request("reward_getCertificate", { epoch, asset, ...from });
        const file = options.out ?? `reward-${epoch}-${asset.slice(2, 10)}.cert`;
        const bytes = fromHex(certificate);
        await writeFile(file, bytes, { flag: "wx" }).catch((cause: NodeJS.ErrnoException) => {
          throw cause.code === "EEXIST"
            ? new FairmeshError("FILE_EXISTS", `${file} exists; name another with --out`, { cause })
            : new FairmeshError("FILE_UNWRITABLE", `${file} cannot be written`, { cause });
        });
        print(terminal, options, {
          data: { file, epoch, asset, bytes: bytes.length },
          text: () =>
            `${file}: ${bytes.length} bytes; check it with:\nfairmesh verify ${file}${trustOf(options, folder)}`,
        });
      }),
    );
}
