// The report as tables of text: what the command prints and what the HTML page shows under its plots.
import type { EconomicReport, RuleReport } from "./run.ts";

export interface Table {
  readonly title: string;
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const part = (ppm: number | undefined): string => (ppm === undefined ? "–" : `${(ppm / 10_000).toFixed(1)}%`);
/** A gain, with its sign; above tenfold as a multiple. */
const gain = (ppm: number | undefined): string => {
  if (ppm === undefined) return "–";
  if (Math.abs(ppm) < 50) return "0%";
  if (ppm >= 10_000_000) return `×${Math.round(ppm / 1e6 + 1)}`;
  return `${ppm > 0 ? "+" : "−"}${(Math.abs(ppm) / 10_000).toFixed(Math.abs(ppm) < 10_000 ? 2 : 1)}%`;
};

const last = <T>(items: readonly T[]): T | undefined => items.at(-1);

const outcome = (rule: RuleReport): readonly string[] => {
  const end = last(rule.samples);
  const share = end?.sharePpm ?? {};
  return [
    rule.name,
    ((end?.giniPpm ?? 0) / 1e6).toFixed(3),
    String(end?.nakamoto ?? 0),
    part(share.small),
    (Number(end?.smallPay ?? 0n) / 1e9).toFixed(2),
    part(share.whale),
    part(end?.coveragePpm),
    String(end?.owners ?? 0),
    `${rule.came} / ${rule.left}`,
    part(Number((rule.paid * 1_000_000n) / rule.budget)),
  ];
};

const tricks = (rule: RuleReport): readonly string[] => {
  const end = last(rule.gains);
  return [
    rule.name,
    gain(end?.split),
    gain(end?.dealing),
    gain(end?.shortage),
    gain(end?.whaleDealing),
    gain(end?.lying),
    gain(rule.withholding?.gainPpm),
    gain(rule.withholdingByCaps?.gainPpm),
  ];
};

const roles = ["whale", "splitter", "self-dealer", "colluder", "liar"] as const;

export function tablesOf({ rules, usePrice }: EconomicReport): readonly Table[] {
  const dealing = rules.flatMap((rule) => rule.dealing);
  return [
    {
      title: "At the end",
      note: "Owners in truth, not identities. FAIR an epoch: what the small provider in the middle earns for its assets. Coverage: of all that is asked for, what those who are there can serve. Paid: of the service budget; our rule keeps the rest in its reserve.",
      head: [
        "rule",
        "Gini",
        "Nakamoto",
        "small",
        "FAIR an epoch",
        "whale",
        "coverage",
        "owners",
        "came / left",
        "paid",
      ],
      rows: rules.map(outcome),
    },
    {
      title: "What a trick gains",
      note: "The same owner with and without it, all else equal, at the last review. Splitting: before the registrations' cost. Dealing: receipts signed to oneself, at best of five parts of the own capacity, less fees; shortage: up to a third more than it; whale deals: the whale's dealing, whose cells' caps then rise. Withholding: the whale leaves out the part of one site that gains most; by caps alone: with no coverage reserve.",
      head: ["rule", "splitting", "dealing", "shortage", "whale deals", "lying", "withholding", "by caps alone"],
      rows: rules.map(tricks),
    },
    {
      title: "Pay for a registered unit at the end, of a small provider's",
      note: "Colluders register capacity that they do not have and vouch for each other as auditors.",
      head: ["rule", ...roles],
      rows: rules.map((rule) => [rule.name, ...roles.map((role) => part(rule.payPerUnitPpm[role]))]),
    },
    {
      title: "Dealing with oneself under our rule, by the price of use",
      note: `Grains of fees that must be burned for a unit of use to count, unitUseValue / burnLeverage; ${usePrice} by the parameters. Honest use: the part of it that still counts.`,
      head: ["grains a unit", "dealing", "shortage", "whale deals", "honest use that counts"],
      rows: dealing.map((at) => [
        at.burnPerUnit.toLocaleString("en-US"),
        gain(at.gainPpm),
        gain(at.shortagePpm),
        gain(at.whalePpm),
        part(at.honestCountsPpm),
      ]),
    },
  ];
}

/** A table for a terminal: the first column to the left, figures to the right. */
export function textOf({ title, note, head, rows }: Table): string {
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => (row[at] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  ")
      .trimEnd();
  return [
    title,
    line(head),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...rows.map(line),
    "",
    ...wrapped(note, 100),
  ].join("\n");
}

function wrapped(text: string, columns: number): readonly string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) as string;
    if (line.length + word.length >= columns) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
