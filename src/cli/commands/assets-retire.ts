// fairmesh assets retire: takes an asset out of service; its bond unbonds after the delay.
import type { Command } from "commander";
import { dataFolder, unsetInText } from "../../config/index.ts";
import { assetId, assetKinds, fromHex } from "../../primitives/index.ts";
import { rootOf } from "../command.ts";
import { changeConfigFile } from "../config-file.ts";
import { type SigningOptions, send, withSigning } from "../node-access.ts";
import { idOf } from "../read-arguments.ts";
import type { Terminal } from "../terminal.ts";

const settingOf: Readonly<Record<string, string>> = {
  storage: "assets.storageBytes",
  bandwidth: "assets.bandwidthMbit",
};

export function define(command: Command, terminal: Terminal): void {
  withSigning(command)
    .argument("<asset>", "an asset's id")
    .action((text: string, options: SigningOptions) =>
      send({
        options,
        terminal,
        body: async ({ client, file }) => {
          const { id, terms } = await client.request("asset_get", { asset: idOf(text) });
          // Or the node would offer it again after its next start.
          const setting = settingOf[assetKinds[terms.kind] ?? ""];
          const config = file ?? dataFolder(rootOf(options, terminal)).config;
          if (setting !== undefined && file !== undefined) {
            await changeConfigFile(config, (before) => unsetInText(before, setting));
            terminal.note(`${setting} taken out of ${config}\n`);
          }
          return { kind: "retireAsset", value: { assetId: assetId(fromHex(id)) } };
        },
      }),
    );
}
