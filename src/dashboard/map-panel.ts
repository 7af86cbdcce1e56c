// The map: cells of the earth where assets of a kind stand, coloured by demand against supply. A cell is chosen by pointer or
// keyboard and lists its assets. Drawn from data that the page brought along: no tiles, no other host.
import { type GeoProjection, geoGraticule10, geoNaturalEarth1, geoPath } from "d3-geo";
import { cellToBoundary, cellToLatLng } from "h3-js";
import { type ComponentChildren, h, type JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { feature } from "topojson-client";
import land110 from "world-atlas/land-110m.json" with { type: "json" };
import { formatCount } from "../primitives/index.ts";
import { type CellSight, cellsOf, demandStep, demandSteps } from "./cells.ts";
import { idText, panel, table } from "./panel.ts";
import type { NodeSight } from "./sight.ts";
import { kindName, percent, shortId, unitsText } from "./text.ts";

const width = 960;
const height = 470;
/** A dot in each cell, so that a small one is seen, and the circle around it that takes a finger. */
const dotRadius = 4;
const touchRadius = 24;
/** Cells drawn: those with most supply. */
const cellsMax = 1_000;
/** H3 resolutions to choose from, and about how far their cells are across. */
const sizes = [
  [1, "900 km"],
  [2, "350 km"],
  [3, "130 km"],
  [7, "as registered, 3 km"],
] as const;
const sphere = { type: "Sphere" } as const;

type FeatureOf = Parameters<typeof feature>;
const topology = land110 as unknown as FeatureOf[0];
const projection: GeoProjection = geoNaturalEarth1().fitExtent(
  [
    [4, 4],
    [width - 4, height - 4],
  ],
  sphere,
);
const path = geoPath(projection);

/** H3 gives rings counter-clockwise; on the sphere d3 takes the inside to be on the other hand. */
const outline = (cell: string): string =>
  path({ type: "Polygon", coordinates: [cellToBoundary(cell, true).reverse()] }) ?? "";

const ground = {
  sphere: path(sphere) ?? "",
  graticule: path(geoGraticule10()) ?? "",
  land: path(feature(topology, topology.objects.land as FeatureOf[1])) ?? "",
};

function cellShape(sight: CellSight, kind: number, isChosen: boolean, choose: () => void): JSX.Element {
  const { cell, supply, served, demandPpm, assets } = sight;
  const [latitude, longitude] = cellToLatLng(cell);
  const [x, y] = projection([longitude, latitude]) ?? [0, 0];
  const label = `Cell ${cell}: ${unitsText(kind, supply)} offered by ${formatCount(assets.length, "asset")}, ${unitsText(kind, served)} in demand, ${percent(demandPpm)}`;
  return h(
    "g",
    {
      key: cell,
      class: `cell demand-${demandStep(demandPpm)}`,
      role: "button",
      tabIndex: 0,
      "aria-label": label,
      "aria-pressed": isChosen,
      onClick: choose,
      onKeyDown: (event: KeyboardEvent) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose();
      },
    },
    h("title", null, label),
    h("path", { d: outline(cell) }),
    h("circle", { class: "touch", cx: x, cy: y, r: touchRadius }),
    h("circle", { class: "dot", cx: x, cy: y, r: dotRadius }),
  );
}

const legend = (): JSX.Element =>
  h(
    "ul",
    { class: "legend" },
    h("li", null, "Demand of supply:"),
    demandSteps.map((name, step) => h("li", { key: name }, h("span", { class: `swatch demand-${step}` }), name)),
  );

function choice(
  label: string,
  value: number,
  options: readonly (readonly [number, string])[],
  set: (to: number) => void,
) {
  return h(
    "label",
    null,
    h("span", null, label),
    h(
      "select",
      { value, onChange: (event: Event) => set(Number((event.currentTarget as HTMLSelectElement).value)) },
      options.map(([each, name]) => h("option", { key: each, value: each }, name)),
    ),
  );
}

const cellTable = (sight: CellSight, kind: number): JSX.Element =>
  table({
    caption: `Assets in cell ${sight.cell}`,
    columns: [
      { name: "Asset" },
      { name: "Owner", class: "wide" },
      { name: "Offered", class: "num" },
      { name: "Free", class: "num" },
      { name: "Demand", class: "num" },
    ],
    rows: sight.assets.map(({ id, owner, supply, free, served }) => ({
      key: id,
      cells: [
        idText(shortId(id), id),
        idText(shortId(owner), owner),
        unitsText(kind, supply),
        free === undefined ? "not advertised" : String(free),
        String(served),
      ],
    })),
    empty: "No assets.",
  });

export function MapPanel({ sight }: { readonly sight: NodeSight }): JSX.Element {
  const [kindChosen, setKind] = useState<number>();
  const [resolution, setResolution] = useState<number>(sizes[0][0]);
  const [cellChosen, setCell] = useState<string>();
  const { assets, capacities, proofs } = sight;
  const kinds = useMemo(() => [...new Set([...assets.values()].map(({ terms }) => terms.kind))].sort(), [assets]);
  const kind = kindChosen ?? kinds[0] ?? 0;
  const epoch = sight.status?.epoch ?? 0;
  const { cells, placeless } = useMemo(
    () => cellsOf({ assets, capacities, proofs }, { kind, resolution, epoch }),
    [assets, capacities, proofs, kind, resolution, epoch],
  );
  const chosen = cells.find(({ cell }) => cell === cellChosen);
  const kindOptions = (kinds.length === 0 ? [kind] : kinds).map((each) => [each, kindName(each)] as const);
  const under: ComponentChildren =
    chosen === undefined
      ? h(
          "p",
          { class: "note" },
          cells.length === 0 ? "No asset of this kind claims a place yet." : "Choose a cell to list its assets.",
        )
      : cellTable(chosen, kind);
  return panel(
    {
      id: "map",
      title: "Supply and demand",
      note: "Supply is what is registered. Demand is what requesters' receipts say was served, by the newest proofs of this epoch or the last. Places are what owners claim.",
    },
    h(
      "div",
      { class: "controls" },
      choice("Kind", kind, kindOptions, setKind),
      choice("Cells across", resolution, sizes, setResolution),
    ),
    h(
      "svg",
      { class: "map", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": `Cells with ${kindName(kind)}` },
      h("path", { class: "sea", d: ground.sphere }),
      h("path", { class: "graticule", d: ground.graticule }),
      h("path", { class: "land", d: ground.land }),
      cells.slice(0, cellsMax).map((each) => cellShape(each, kind, each.cell === cellChosen, () => setCell(each.cell))),
    ),
    legend(),
    cells.length > cellsMax ? h("p", { class: "note" }, `The ${cellsMax} cells with most are drawn.`) : null,
    placeless === 0
      ? null
      : h("p", { class: "note" }, `${formatCount(placeless, "asset")} of this kind claim no place.`),
    sight.assetsLeft ? h("p", { class: "note" }, `Only the first ${assets.size} assets are counted.`) : null,
    under,
  );
}
