// fairmesh rewards explain: why an asset earned what it did, factor by factor.
import type { Command } from "commander";
import { explanationFacts } from "../../client/index.ts";
import { formatFair } from "../../primitives/index.ts";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { idOf } from "../read-arguments.ts";
import { facts } from "../tables.ts";
import type { Terminal } from "../terminal.ts";
import { settledEpoch } from "./rewards-list.ts";

interface Options extends NodeOptions {
  readonly epoch?: string;
}

export function define(command: Command, terminal: Terminal): void {
  withNode(command)
    .argument("<asset>", "an asset's id")
    .option("-e, --epoch <number>", "an epoch (default: the last settled one)")
    .action((text: string, options: Options) =>
      onNode({ options, terminal }, async ({ client }) => {
        const epoch = await settledEpoch(client, options.epoch);
        const asset = idOf(text);
        const explanation = await client.request("reward_explain", { epoch, asset });
        const cursor = (BigInt(asset) - 1n).toString(16).padStart(64, "0");
        const { items } = await client.request("reward_list", { epoch, limit: 1, cursor }).catch(() => ({ items: [] }));
        const reward = items.find(({ assetId }) => assetId === asset);
        print(terminal, options, {
          data: { epoch, asset, reward: reward?.reward ?? null, explanation },
          text: () =>
            facts([
              ["Asset", asset],
              ["Epoch", epoch],
              ["Reward", reward === undefined ? undefined : formatFair(BigInt(reward.reward))],
              ...explanationFacts(explanation),
            ]),
        });
      }),
    );
}
