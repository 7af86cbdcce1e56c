// fairmesh assets list: registered assets, this node's own unless asked for all.
import type { Command } from "commander";
import { type Asset, listAll } from "../../client/index.ts";
import { assetKinds, cellText, formatFair, formatUnits } from "../../primitives/index.ts";
import { assetStatuses } from "../../schema/index.ts";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { shortId, table } from "../tables.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends NodeOptions {
  readonly all?: boolean;
}

function rowOf(asset: Asset): readonly string[] {
  const kind = assetKinds[asset.terms.kind] ?? "storage";
  return [
    asset.id,
    kind,
    `${formatUnits(kind, asset.terms.units)}`,
    cellText(BigInt(asset.terms.cell)),
    formatFair(BigInt(asset.bond)),
    assetStatuses[asset.status] ?? "",
    shortId(asset.owner),
  ];
}

export function define(command: Command, terminal: Terminal): void {
  withNode(command)
    .option("--all", "assets of everyone, not only this node's")
    .action((options: Options) =>
      onNode({ options, terminal }, async ({ client }) => {
        const { account } = await client.request("node_identity");
        const assets: Asset[] = [];
        for await (const asset of listAll(client, "asset_list", { limit: 500 })) {
          if (options.all === true || asset.owner === account) assets.push(asset);
        }
        print(terminal, options, {
          data: assets,
          text: () =>
            assets.length === 0
              ? "no assets are registered; `fairmesh assets register` says what to offer"
              : table(["asset", "kind", "units", "cell", "bond", "status", "owner"], assets.map(rowOf)),
        });
      }),
    );
}
