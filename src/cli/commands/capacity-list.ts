// fairmesh capacity list: what is advertised as free now.
import type { Command } from "commander";
import { type Capacity, listAll } from "../../client/index.ts";
import { formatFair } from "../../primitives/index.ts";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { shortId, table } from "../tables.ts";
import type { Terminal } from "../terminal.ts";

export const capacityTable = (capacities: readonly Capacity[]): string =>
  capacities.length === 0
    ? "nothing is advertised"
    : table(
        ["asset", "free units", "price a unit and epoch", "until epoch", "owner"],
        capacities.map(({ assetId, freeUnits, pricePerUnitEpoch, expiresEpoch, owner }) => [
          assetId,
          freeUnits,
          formatFair(BigInt(pricePerUnitEpoch)),
          expiresEpoch,
          shortId(owner),
        ]),
      );

export function define(command: Command, terminal: Terminal): void {
  withNode(command).action((options: NodeOptions) =>
    onNode({ options, terminal }, async ({ client }) => {
      const capacities: Capacity[] = [];
      for await (const each of listAll(client, "capacity_list", { limit: 500 })) capacities.push(each);
      print(terminal, options, { data: capacities, text: () => capacityTable(capacities) });
    }),
  );
}
