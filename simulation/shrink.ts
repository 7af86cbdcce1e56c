// Makes a failing run small: fewer faults, shorter ones, less weather, fewer Byzantine seats, while the same kind of rule
// stays broken. Deterministic; bounded by `triesMax` runs. What comes out is a scenario file for the same seed.
import type { Report } from "./report.ts";
import type { Fault, Scenario } from "./scenario.ts";
import { runWorld, type WorldOptions } from "./world.ts";

export interface Shrunk {
  readonly scenario: Scenario;
  readonly report: Report;
  readonly tries: number;
}

const defaultTriesMax = 400;

/** What a violation is about, without times, heights and names. */
export const kindOfViolation = (report: Report): string =>
  (report.violations[0] ?? "").replace(/^\d+ ms: /, "").replaceAll(/\d+/g, "#");

/** Precondition: `report` is of a run of `options` that broke a rule. */
export async function shrink(
  options: WorldOptions,
  report: Report,
  { triesMax = defaultTriesMax }: { readonly triesMax?: number } = {},
): Promise<Shrunk> {
  const kind = kindOfViolation(report);
  let best = { scenario: { ...options.scenario, schedule: [...report.schedule] }, report };
  let tries = 0;
  const attempt = async (scenario: Scenario): Promise<boolean> => {
    if (tries >= triesMax) return false;
    tries += 1;
    const again = await runWorld({ ...options, scenario });
    if (kindOfViolation(again) !== kind) return false;
    best = { scenario: { ...scenario, schedule: [...again.schedule] }, report: again };
    return true;
  };
  for (const change of milder(best.scenario)) await attempt({ ...best.scenario, ...change });
  await fewerFaults(() => best.scenario, attempt);
  await shorterFaults(() => best.scenario, attempt);
  for (const change of milder(best.scenario)) await attempt({ ...best.scenario, ...change });
  return { ...best, tries };
}

/** Each is tried by itself on what is the smallest so far. */
function milder(scenario: Scenario): readonly Partial<Scenario>[] {
  const changes: Partial<Scenario>[] = [
    { byzantine: undefined },
    { lossPpm: 0 },
    { repeatPpm: 0 },
    { jitterMs: 0 },
    { clockOffsetMs: 0 },
    { latency: 20 },
    { followers: 0 },
    { blocks: 1 },
  ];
  const lastMs = Math.max(0, ...(scenario.schedule ?? []).map(({ untilMs }) => untilMs));
  return [...changes, { faultsMs: Math.min(scenario.faultsMs, lastMs + 1000) }];
}

type Attempt = (scenario: Scenario) => Promise<boolean>;

/** Delta debugging: leaves out halves, quarters, ... single faults. */
async function fewerFaults(current: () => Scenario, attempt: Attempt): Promise<void> {
  const faults = (): readonly Fault[] => current().schedule ?? [];
  for (let size = Math.ceil(faults().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < faults().length; ) {
      const schedule = faults().filter((_, index) => index < at || index >= at + size);
      if (!(await attempt({ ...current(), schedule }))) at += size;
    }
  }
}

/** Halves how long each fault lasts, while that still breaks the rule. */
async function shorterFaults(current: () => Scenario, attempt: Attempt): Promise<void> {
  for (let index = 0; index < (current().schedule ?? []).length; index++) {
    for (;;) {
      const schedule = [...(current().schedule ?? [])];
      const fault = schedule[index];
      const halfMs = fault === undefined ? 0 : Math.floor((fault.untilMs - fault.atMs) / 2);
      if (fault === undefined || halfMs < 100) break;
      schedule[index] = { ...fault, untilMs: fault.atMs + halfMs };
      if (!(await attempt({ ...current(), schedule }))) break;
    }
  }
}
