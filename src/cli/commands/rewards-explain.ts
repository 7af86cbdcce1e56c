// fairmesh rewards explain: why an asset earned what it did, factor by factor.
import type { Command } from "commander";
import type { RewardExplanation } from "../../client/index.ts";
import { assetKinds, cellText, formatFair, formatUnits } from "../../primitives/index.ts";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { idOf } from "../read-arguments.ts";
import { facts, percent } from "../tables.ts";
import type { Terminal } from "../terminal.ts";
import { settledEpoch } from "./rewards-list.ts";

interface Options extends NodeOptions {
  readonly epoch?: string;
}

const groupNames = ["network prefix", "region", "cell"] as const;
const wholeScale = 2 ** 48;

function linesOf(explanation: RewardExplanation): readonly (readonly [string, string | number])[] {
  const kind = assetKinds[explanation.kind] ?? "storage";
  const { groups, boundBy, bonusPpm, passPpm } = explanation;
  const bound = groups[boundBy];
  return [
    ["Kind", kind],
    ["Cell", cellText(BigInt(explanation.cell))],
    ["Registered", `${formatUnits(kind, explanation.units)}`],
    ["Measured", `${formatUnits(kind, explanation.measured)}, by the median of ${explanation.assigned} auditors (P-5)`],
    ["Delivered", `${formatUnits(kind, explanation.delivered)}, by receipts (P-4)`],
    ["Audits passed", percent(passPpm)],
    ["Renewables", bonusPpm === 0 ? "no bonus" : `a bonus of ${percent(bonusPpm)}`],
    ["Standby", `${percent(explanation.standbyPpm)} of it counts without deliveries`],
    ["Work", `${explanation.work} (R-1)`],
    ["Bond allows", `${explanation.bondLimit} (R-2)`],
    ["Weight", `${explanation.weight}, the lesser of the two`],
    ...groups.map(
      ({ group, weight, cap, scale }) =>
        [
          `  ${groupNames[group] ?? "group"}`,
          `weight ${weight} of a cap of ${cap}: counts ${((Number(scale) / wholeScale) * 100).toFixed(1)}%`,
        ] as const,
    ),
    ["Bound by", bound === undefined ? "no cap (R-3)" : `${groupNames[bound.group] ?? "a group"} (R-3)`],
    ["Share", `${explanation.cappedWeight} of ${explanation.denominator} (R-4)`],
    ["Budget", formatFair(BigInt(explanation.budget))],
    ["Evidence", `${explanation.evidence.length} reports and receipts`],
  ];
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
              ...linesOf(explanation),
            ]),
        });
      }),
    );
}
