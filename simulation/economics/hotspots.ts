// Where a real network's devices stand: Helium Mobile Wi-Fi hotspots found by volunteers up to April 2025, counted by H3 cell
// of resolution 6. Source: data/wigle_results.csv of simeononsecurity/track-helium-mobile-wifi (MIT), one per network id.
import { readFileSync } from "node:fs";
import { cellToChildren } from "h3-js";
import { assetCellResolution, type Cell, cellText, parseCell } from "../../src/primitives/index.ts";
import { coarserCell } from "../../src/rewards/index.ts";
import type { SeededRandom } from "../environment/index.ts";

export interface Place {
  readonly index: number;
  readonly cell: Cell;
  readonly hotspots: number;
  /** A number for the region that the location check resolves. */
  readonly region: number;
  /** The cells within, at the resolution of assets. */
  readonly cells: readonly Cell[];
}

export interface Places {
  /** The busiest first. */
  readonly all: readonly Place[];
  readonly hotspots: number;
  /** A place, each as likely as it has hotspots. */
  draw(random: SeededRandom): Place;
}

const cellOf = (text: string): Cell => {
  const read = parseCell(text);
  if (!read.ok) throw new Error(read.error);
  return read.value;
};

export function readPlaces(regionResolution: number): Places {
  const [, ...lines] = readFileSync(new URL("./hotspots-h3r6.csv", import.meta.url), "utf8")
    .trim()
    .split(/\r?\n/);
  const regions = new Map<Cell, number>();
  let hotspots = 0;
  const sums: number[] = [];
  const all = lines.map((line, index): Place => {
    const [text = "", given] = line.split(",");
    const cell = cellOf(text);
    const region = coarserCell(cell, regionResolution);
    if (!regions.has(region)) regions.set(region, regions.size);
    hotspots += Number(given);
    sums.push(hotspots);
    const cells = cellToChildren(cellText(cell), assetCellResolution).map(cellOf);
    return { index, cell, hotspots: Number(given), region: regions.get(region) as number, cells };
  });
  return {
    all,
    hotspots,
    draw(random) {
      const at = random.below(hotspots);
      return all[sums.findIndex((sum) => sum > at)] as Place;
    },
  };
}
