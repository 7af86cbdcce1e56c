// Scenarios of the economics simulation: who takes part, with what and where, how much is asked for, and how people come and
// go. Shares are in ppm; a range [low, high] is drawn evenly. Unknown keys are errors.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { FairmeshError } from "../../src/primitives/index.ts";
import { type Parameters, parameterProblem, parametersOf, parameterTable, presets } from "../../src/schema/index.ts";

const ppm = z.number().int().min(0).max(10_000_000);
const count = z.number().int().min(1).max(100_000);
const range = (of: z.ZodNumber) => z.tuple([of, of]).refine(([low, high]) => low <= high, "a range is [low, high]");

export const roles = [
  /** Comes when it would pay, leaves when it does not. */
  "small",
  /** Much capacity and more bond than it needs. */
  "whale",
  /** One owner's work and bond, registered as many identities. */
  "splitter",
  /** Signs itself receipts for whatever nobody uses, and burns the fees for it. */
  "self-dealer",
  /** Registers what it does not have; as auditor passes its own and fails everyone else. */
  "colluder",
  /** Claims a place where it is not. */
  "liar",
] as const;
export type Role = (typeof roles)[number];

const groupSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z -]{0,31}$/),
  role: z.enum(roles),
  owners: z.number().int().min(1).max(5000),
  /** Assets of an owner; storage and bandwidth in turn. */
  sites: range(z.number().int().min(1).max(64)).default([1, 2]),
  units: range(count).default([8, 48]),
  /** Bond at the start, of what backs the units; at least the protocol's minimum. */
  bondPpm: ppm.default(1_000_000),
  /** Identities among which each asset is divided. */
  identities: z.number().int().min(1).max(256).default(1),
  /** Drawn as the hotspots are spread, or one after another in the cells that have most, or where there is one. */
  place: z.enum(["spread", "busiest", "quiet"]).default("spread"),
  /** How often it answers an audit's challenge. */
  answersPpm: range(z.number().int().min(0).max(1_000_000)).default([950_000, 1_000_000]),
  /** What running a unit costs, of what a unit earned if every unit of the start earned the same. */
  costPpm: range(ppm).default([200_000, 900_000]),
  /** Part of what it earns that it adds to its bonds. */
  restakePpm: z.number().int().min(0).max(1_000_000).default(0),
});

const scenarioSchema = z.strictObject({
  name: z.string().min(1).max(64),
  description: z.string().max(500).default(""),
  preset: z.enum(presets).default("mainnet"),
  /** Parameters that differ from the preset's, by name. */
  parameters: z.record(z.string(), z.number().int().min(0)).default({}),
  /** Epochs for which one settled epoch stands. */
  stepEpochs: z.number().int().min(1).max(8760).default(24),
  /** Steps between two times that people come and go and tricks are weighed. */
  reviewSteps: z.number().int().min(1).max(1000).default(91),
  demand: z
    .strictObject({
      /** Of each kind, at the start, spread as the hotspots are. */
      units: count.default(9000),
      /** Growth a year, of the start. */
      growthPpm: ppm.default(100_000),
      /** Receipts for bandwidth at most, of the registered units: lines are shared beyond what they promise. */
      overloadPpm: ppm.default(1_200_000),
      /** Grains of fees that an honest requester burns for a unit and epoch. */
      burnPerUnit: z.number().int().min(0).max(10_000_000_000).default(1000),
    })
    .prefault({}),
  /** Work of an identity that counts at most under the saturating curve. */
  saturationUnits: count.default(64),
  /** Whether a claimed region is checked: the parameter exists, the ledger does not check yet. */
  locationCheck: z.boolean().default(false),
  entry: z
    .strictObject({
      /** Who thinks of coming, each review. */
      owners: z.number().int().min(0).max(1000).default(12),
      /** Places that each weighs. */
      places: z.number().int().min(1).max(32).default(4),
      /** Of those present, how many leave in a review at most. */
      leavePpm: z.number().int().min(0).max(1_000_000).default(100_000),
    })
    .prefault({}),
  groups: z.array(groupSchema).min(1).max(32),
});

export type EconomicScenario = z.infer<typeof scenarioSchema>;
export type EconomicGroup = EconomicScenario["groups"][number];

/** A scenario from an object; fails with `SCENARIO_INVALID` and a sentence a line. */
export function parseEconomicScenario(value: unknown): EconomicScenario {
  const result = scenarioSchema.safeParse(value);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `${issue.path.join(".") || "scenario"}: ${issue.message}`);
    throw new FairmeshError("SCENARIO_INVALID", lines.join("\n"));
  }
  economicParameters(result.data);
  return result.data;
}

/** A scenario by the name of one of ours, or from a file; fails with `SCENARIO_MISSING` or `SCENARIO_INVALID`. */
export function loadEconomicScenario(nameOrFile: string): EconomicScenario {
  const own = /^[a-z0-9-]+$/.test(nameOrFile);
  const file = own ? new URL(`./scenarios/${nameOrFile}.yaml`, import.meta.url) : nameOrFile;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new FairmeshError("SCENARIO_MISSING", `there is no scenario ${nameOrFile}`, { cause });
  }
  return parseEconomicScenario(parse(text));
}

/** The preset's parameters with the scenario's own. */
export function economicParameters({ preset, parameters }: EconomicScenario): Parameters {
  const own: Record<string, bigint | number> = {};
  for (const [name, value] of Object.entries(parameters)) {
    const row = parameterTable.find((each) => each.name === name);
    if (row === undefined) throw new FairmeshError("SCENARIO_INVALID", `parameters: there is no parameter ${name}`);
    if (value < Number(row.min) || value > Number(row.max))
      throw new FairmeshError("SCENARIO_INVALID", `parameters: ${name} is from ${row.min} to ${row.max}, not ${value}`);
    own[name] = row.unit === "grains" ? BigInt(value) : value;
  }
  const all = { ...parametersOf(preset), ...own } as Parameters;
  const problem = parameterProblem(all);
  if (problem !== undefined) throw new FairmeshError("SCENARIO_INVALID", `parameters: ${problem}`);
  return all;
}

/**
 * Parameters for settling one epoch that stands for `stepEpochs`: averages and the caps' steps move as far in it as they would
 * in all of them.
 */
export function forSteps(p: Parameters, stepEpochs: number): Parameters {
  const over = (part: number, times: number): number => Math.round(1e6 * (1 - (1 - part / 1e6) ** times));
  return {
    ...p,
    demandAveragingEpochs: Math.max(1, Math.round(p.demandAveragingEpochs / stepEpochs)),
    capStepPpm: Math.min(500_000, over(p.capStepPpm, Math.max(1, stepEpochs / p.capStepEpochs))),
  };
}
