// The report as one HTML page that needs nothing else: plots by rule over the years, then the tables.
import { type Chart, escaped, type Series, svgOf } from "./chart.ts";
import type { Sample } from "./metrics.ts";
import type { EconomicReport, RuleReport } from "./run.ts";
import { type Table, tablesOf } from "./table.ts";

const style = `
:root { color-scheme: light dark; --ink: #1d2433; --soft: #5b6475; --line: #dfe3ea; --page: #fff; --card: #f8f9fb;
  --s0: #0067a8; --s1: #c44e00; --s2: #00805c; --s3: #a8478a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf1; --soft: #a2abba; --line: #353c48; --page: #14181f; --card: #1b2028;
  --s0: #5cb3f0; --s1: #ff9352; --s2: #3ecb9c; --s3: #e693cc; } }
body { margin: 0 auto; max-width: 1120px; padding: 32px 24px 64px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 0; } p { margin: 4px 0 12px; color: var(--soft); max-width: 80ch; }
.facts { color: var(--soft); margin-bottom: 20px; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 24px; padding: 0; margin: 0 0 20px; list-style: none; }
.legend b { font-weight: 600; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 16px; }
figure { margin: 0; padding: 14px 16px 8px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
figcaption { color: var(--soft); font-size: 13px; min-height: 3em; }
svg { width: 100%; height: auto; display: block; } svg text { font-size: 12px; fill: var(--soft); }
.grid { stroke: var(--line); } .line { fill: none; stroke-width: 2; stroke-linejoin: round; } svg .name { font-weight: 600; }
${[0, 1, 2, 3].map((at) => `.line.s${at} { stroke: var(--s${at}); } svg .name.s${at} { fill: var(--s${at}); } b.s${at} { color: var(--s${at}); }`).join("\n")}
.line.s0 { stroke-width: 3; }
section { margin-top: 32px; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 14px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; } th { font-weight: 600; color: var(--soft); }
code { font-size: 13px; }`;

const percent = (y: number): string => `${Math.round(y * 10) / 10}%`;

interface Plot {
  readonly title: string;
  readonly caption: string;
  readonly of: (rule: RuleReport) => readonly (readonly [step: number, y: number])[];
  readonly label: (y: number) => string;
  readonly yMax: number;
}

const bySample = (value: (sample: Sample) => number) => (rule: RuleReport) =>
  rule.samples.map((sample) => [sample.step, value(sample)] as const);

const plots: readonly Plot[] = [
  {
    title: "Gini coefficient of pay",
    caption: "By owner in truth. 0: everyone earns the same; 1: one earns all.",
    of: bySample(({ giniPpm }) => giniPpm / 1e6),
    label: (y) => y.toFixed(2),
    yMax: 1,
  },
  {
    title: "Nakamoto coefficient",
    caption: "The fewest owners that earn more than half of the pay together.",
    of: bySample(({ nakamoto }) => nakamoto),
    label: (y) => String(Math.round(y)),
    yMax: 4,
  },
  {
    title: "Small providers' share of pay",
    caption: "Of everything paid in the epoch.",
    of: bySample(({ sharePpm }) => (sharePpm.small ?? 0) / 1e4),
    label: percent,
    yMax: 100,
  },
  {
    title: "The whale's share of pay",
    caption: "It holds more bond than its work needs, and adds to it from what it earns.",
    of: bySample(({ sharePpm }) => (sharePpm.whale ?? 0) / 1e4),
    label: percent,
    yMax: 20,
  },
  {
    title: "Coverage",
    caption: "Of the use asked for in all cells, what the providers who are there can serve.",
    of: bySample(({ coveragePpm }) => coveragePpm / 1e4),
    label: percent,
    yMax: 60,
  },
  {
    title: "Gain from splitting",
    caption:
      "What the split owner earns more than as one identity, before the registrations' cost. No gain is the aim.",
    of: (rule) => rule.gains.flatMap(({ step, split }) => (split === undefined ? [] : [[step, split / 1e4] as const])),
    label: percent,
    yMax: 20,
  },
];

const chartOf = (plot: Plot, { rules, stepsPerYear, years }: EconomicReport): Chart => ({
  ...plot,
  xMax: years,
  xLabel: (year) => (year === 0 ? "start" : `year ${Math.round(year * 100) / 100}`),
  series: rules.map(
    (rule, at): Series => ({
      name: rule.name,
      style: `s${at}`,
      points: plot.of(rule).map(([step, y]) => [(step + 1) / stepsPerYear, y] as const),
    }),
  ),
});

const cells = (tag: "th" | "td", row: readonly string[]): string =>
  `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`;

const tableOf = ({ title, note, head, rows }: Table): string =>
  `<section><h2>${escaped(title)}</h2><p>${escaped(note)}</p><div class="scroll"><table><thead>${cells("th", head)}</thead><tbody>${rows.map((row) => cells("td", row)).join("")}</tbody></table></div></section>`;

/** The whole page; `command` is what made it. */
export function htmlOf(report: EconomicReport, command: string): string {
  const { scenario, description, seed, years, owners, units, stepEpochs, rules } = report;
  const figures = plots.map(
    (plot) =>
      `<figure><h2>${escaped(plot.title)}</h2><figcaption>${escaped(plot.caption)}</figcaption>${svgOf(chartOf(plot, report))}</figure>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Fairmesh economics: ${escaped(scenario)}</title><style>${style}</style></head><body>
<h1>Who earns what, under which rule</h1>
<p>${escaped(description)}</p>
<div class="facts">Scenario <b>${escaped(scenario)}</b>, seed ${seed}, ${years} years; ${owners} owners with ${units.toLocaleString("en-US")} units at the start; one settled epoch stands for ${stepEpochs}. <code>${escaped(command)}</code></div>
<ul class="legend">${rules.map(({ name, about }, at) => `<li><b class="s${at}">${escaped(name)}</b> ${escaped(about)}</li>`).join("")}</ul>
<div class="plots">${figures.join("")}</div>
${tablesOf(report).map(tableOf).join("\n")}
<section><p>Places: Helium Mobile Wi-Fi hotspots found by volunteers up to April 2025, from simeononsecurity/track-helium-mobile-wifi (MIT).</p></section>
</body></html>
`;
}
