// fairmesh assets show: one asset, its advertisement and its last reward.
import type { Command } from "commander";
import { listAll } from "../../client/index.ts";
import { assetKinds, cellText, formatFair, formatUnits } from "../../primitives/index.ts";
import { assetStatuses, energyTiers } from "../../schema/index.ts";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { idOf } from "../read-arguments.ts";
import { facts } from "../tables.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withNode(command)
    .argument("<asset>", "an asset's id")
    .action((text: string, options: NodeOptions) =>
      onNode({ options, terminal }, async ({ client }) => {
        const asset = await client.request("asset_get", { asset: idOf(text) });
        let capacity: Awaited<ReturnType<typeof client.request<"capacity_list">>>["items"][number] | undefined;
        for await (const each of listAll(client, "capacity_list", { limit: 500 })) {
          if (each.assetId === asset.id) capacity = each;
        }
        const kind = assetKinds[asset.terms.kind] ?? "storage";
        const { energy, units, cell } = asset.terms;
        print(terminal, options, {
          data: { ...asset, capacity: capacity ?? null },
          text: () =>
            facts([
              ["Asset", asset.id],
              ["Owner", asset.owner],
              ["Offers", `${formatUnits(kind, units)} of ${kind}`],
              ["Cell", cellText(BigInt(cell))],
              ["Bond", formatFair(BigInt(asset.bond))],
              ["Status", `${assetStatuses[asset.status]}, registered in epoch ${asset.registeredEpoch}`],
              ["Energy", `${energy.renewablePpm / 10_000}% renewable, evidence: ${energyTiers[energy.evidenceTier]}`],
              [
                "Advertised",
                capacity === undefined
                  ? "no"
                  : `${capacity.freeUnits} free at ${formatFair(BigInt(capacity.pricePerUnitEpoch))} a unit and epoch`,
              ],
            ]),
        });
      }),
    );
}
