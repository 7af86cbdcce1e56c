// fairmesh capacity find: free capacity of a kind in a place, cheapest first.
import type { Command } from "commander";
import { type AssetKind, cellAt, cellText, FairmeshError, isAssetKind } from "../../primitives/index.ts";
import { print, withExamples } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { cellOf, degreesOf, wholeOf } from "../read-arguments.ts";
import type { Terminal } from "../terminal.ts";
import { capacityTable } from "./capacity-list.ts";

interface Options extends NodeOptions {
  readonly cell?: string;
  readonly at?: string;
  readonly resolution: string;
  readonly limit: string;
}

function placeOf({ cell, at, resolution }: Options): string {
  if (cell !== undefined) return cellText(cellOf(cell));
  if (at === undefined) {
    throw new FairmeshError("USAGE", "say where: --cell CELL, or --at 52.52,13.40 with --resolution from 0 to 7");
  }
  return cellText(cellAt(...degreesOf(at), wholeOf("--resolution", resolution, [0, 7])));
}

function kindOf(text: string): AssetKind {
  if (isAssetKind(text)) return text;
  throw new FairmeshError("USAGE", `"${text}" is not a kind of asset; try storage or bandwidth`);
}

export function define(command: Command, terminal: Terminal): void {
  withExamples(withNode(command), "capacity find storage --at 52.52,13.40 --resolution 5 --limit 10")
    .argument("<kind>", "storage or bandwidth")
    .option("--cell <cell>", "an H3 cell, resolution 0 to 7")
    .option("--at <degrees>", "latitude,longitude")
    .option("--resolution <0-7>", "how wide around --at: 0 a continent, 7 a town", "3")
    .option("--limit <count>", "at most so many", "50")
    .action((kind: string, options: Options) =>
      onNode({ options, terminal }, async ({ client }) => {
        const asked = {
          kind: kindOf(kind),
          cell: placeOf(options),
          limit: wholeOf("--limit", options.limit, [1, 500]),
        };
        const { items } = await client.request("capacity_find", asked);
        print(terminal, options, { data: items, text: () => capacityTable(items) });
      }),
    );
}
