// A reward's explanation as lines for people, factor by factor in the order in which they are worked out. The same
// words on the command line and on the dashboard. Pure.
import { assetKinds, cellText, formatFair, formatUnits } from "../primitives/index.ts";
import type { RewardExplanation } from "./methods.ts";

const groupNames = ["network prefix", "region", "cell"] as const;
const wholeScale = 2 ** 48;
const percent = (ppm: number): string => `${(ppm / 10_000).toFixed(1)}%`;

/** Name and value of each factor; a name that begins with two spaces belongs to the one before. */
export function explanationFacts(explanation: RewardExplanation): readonly (readonly [name: string, value: string])[] {
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
