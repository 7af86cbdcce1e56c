// `fairmesh simulate` for scenarios of whole nodes: which they are, one run or one for each seed, and what is said of it.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { FairmeshError } from "../../src/primitives/index.ts";
import { runWhole, type WholeReport } from "./run-whole.ts";
import { parseWholeScenario, type WholeScenario } from "./whole-scenario.ts";

export interface WholeSummary {
  readonly scenario: string;
  readonly description: string;
  readonly reports: readonly WholeReport[];
}

/** The scenario of whole nodes by that name or in that file; undefined when it is one of consensus alone. */
export function loadWholeScenario(nameOrFile: string): WholeScenario | undefined {
  const own = /^[a-z0-9-]+$/.test(nameOrFile);
  const file = own ? new URL(`../scenarios/${nameOrFile}.yaml`, import.meta.url) : nameOrFile;
  let value: unknown;
  try {
    value = parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new FairmeshError("SCENARIO_MISSING", `there is no scenario ${nameOrFile}`, { cause });
  }
  return typeof value === "object" && value !== null && "groups" in value ? parseWholeScenario(value) : undefined;
}

export async function simulateWhole(
  scenario: WholeScenario,
  seeds: readonly [first: number, last: number],
  onEpoch: (seed: number, epoch: number, of: number) => void,
): Promise<WholeSummary> {
  const reports: WholeReport[] = [];
  for (let seed = seeds[0]; seed <= seeds[1]; seed++)
    reports.push(await runWhole(scenario, seed, (epoch) => onEpoch(seed, epoch, scenario.epochs)));
  return { scenario: scenario.name, description: scenario.description, reports };
}
