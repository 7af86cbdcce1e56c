// How evenly rewards and bonds were spread, epoch by epoch: a chart, and the same figures as a table.
import { h, type JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import type { EpochConcentration } from "../client/index.ts";
import { panel, table } from "./panel.ts";
import { epochBlocksOf, firstPayText, type NodeSight } from "./sight.ts";
import { percent } from "./text.ts";

const measures = {
  rewardsByOperator: "rewards by operator",
  rewardsByGroup: "rewards by group",
  bondsByOperator: "bonds by operator",
  bondsByGroup: "bonds by group",
} as const;
type Measure = keyof typeof measures;

const lines = [
  { name: "Gini", of: "giniPpm", color: "--line-1" },
  { name: "Top share", of: "topSharePpm", color: "--line-2" },
  { name: "Herfindahl", of: "herfindahlPpm", color: "--line-3" },
] as const;
const chartHeight = 220;

/** Columns for the chart: epochs, then each line in percent. */
const chartData = (history: readonly EpochConcentration[], measure: Measure): readonly (readonly number[])[] => [
  history.map(({ epoch }) => epoch),
  ...lines.map(({ of }) => history.map((each) => each[measure][of] / 10_000)),
];

function optionsFor(width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis = { stroke: color("--quiet"), grid: { stroke: color("--edge"), width: 1 }, ticks: { show: false } };
  return {
    width,
    height: chartHeight,
    scales: { x: { time: false }, y: { range: (_, __, max) => [0, Math.max(10, Math.ceil((max ?? 0) / 10) * 10)] } },
    axes: [
      { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100] },
      { ...axis, values: (_, ticks) => ticks.map((tick) => `${tick}%`), size: 48 },
    ],
    series: [
      { label: "Epoch" },
      ...lines.map(({ name, color: variable }) => ({
        label: name,
        stroke: color(variable),
        width: 2,
        points: { size: 5 },
        value: (_: uPlot, value: number | null) => (value === null ? "" : `${value.toFixed(1)}%`),
      })),
    ],
  };
}

/** Made anew when the width or the colour scheme changes; otherwise only its data do. */
function Chart({ data }: { readonly data: readonly (readonly number[])[] }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>();
  const drawn = useRef(data);
  drawn.current = data;
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const draw = (): void => {
      chart.current?.destroy();
      chart.current = new uPlot(optionsFor(element.clientWidth), drawn.current as uPlot.AlignedData, element);
    };
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const sizes = new ResizeObserver(() => {
      if (chart.current?.width === element.clientWidth) return;
      draw();
    });
    draw();
    sizes.observe(element);
    scheme.addEventListener("change", draw);
    return () => {
      scheme.removeEventListener("change", draw);
      sizes.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, []);
  useEffect(() => chart.current?.setData(data as uPlot.AlignedData), [data]);
  return h("div", {
    class: "chart",
    ref: place,
    role: "img",
    "aria-label": "Gini, top share and Herfindahl by epoch; the table below says the same",
  });
}

const figures = (history: readonly EpochConcentration[], measure: Measure): JSX.Element =>
  table({
    caption: `Concentration of ${measures[measure]}, the newest epoch first`,
    columns: [
      { name: "Epoch" },
      { name: "Gini", class: "num" },
      { name: "Top share", class: "num" },
      { name: "Herfindahl", class: "num" },
      { name: "Hold a third", class: "num" },
      { name: "Hold half", class: "num" },
    ],
    rows: [...history].reverse().map((each) => ({
      key: String(each.epoch),
      cells: [
        each.epoch,
        percent(each[measure].giniPpm),
        percent(each[measure].topSharePpm),
        percent(each[measure].herfindahlPpm),
        each[measure].nakamotoThird,
        each[measure].nakamotoHalf,
      ],
    })),
    empty: "",
  });

export function ConcentrationPanel({ sight }: { readonly sight: NodeSight }): JSX.Element {
  const [measure, setMeasure] = useState<Measure>("rewardsByOperator");
  const { concentration } = sight;
  const data = useMemo(() => chartData(concentration, measure), [concentration, measure]);
  return panel(
    {
      id: "concentration",
      title: "Concentration over time",
      note: "Worked out in consensus with every epoch. Lower is more even; the last columns count the fewest who hold a third and a half.",
    },
    ...(concentration.length === 0
      ? [h("p", { class: "empty" }, firstPayText(sight.status?.height ?? 0, epochBlocksOf(sight)))]
      : [
          h(
            "div",
            { class: "controls" },
            h(
              "label",
              null,
              h("span", null, "Of"),
              h(
                "select",
                {
                  value: measure,
                  onChange: (event: Event) => setMeasure((event.currentTarget as HTMLSelectElement).value as Measure),
                },
                Object.entries(measures).map(([key, name]) => h("option", { key, value: key }, name)),
              ),
            ),
          ),
          concentration.length < 2
            ? h("p", { class: "empty" }, "The chart begins with the second settled epoch.")
            : h(Chart, { data }),
          h("details", null, h("summary", null, "As a table"), figures(concentration, measure)),
        ]),
  );
}
