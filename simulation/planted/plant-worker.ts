// A worker in which one source file is changed as it is loaded (see bugs.ts), and which then runs worlds or the small model until
// a rule is broken. The hook lives and ends with this thread.
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import type { Edit, PlantedBug } from "./planted-bug.ts";

export interface Catch {
  /** Seeds or states until the rule was seen broken; undefined when it never was. */
  readonly after: number | undefined;
  readonly violation: string;
}

const root = new URL("../../", import.meta.url);
const bug = workerData as PlantedBug;
const planted = new Set<string>();

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    const edits = bug.edits.filter(({ file }) => new URL(file, root).href === url);
    if (edits.length === 0) return loaded;
    planted.add(url);
    return { ...loaded, source: edits.reduce(plant, readFileSync(fileURLToPath(url), "utf8")) };
  },
});

function plant(text: string, { file, find, replace }: Edit): string {
  if (text.split(find).length !== 2) throw new Error(`${bug.name}: its place in ${file} is not found once`);
  return text.replace(find, () => replace);
}

async function runScenario(scenarioName: string, seedsMax: number): Promise<Catch> {
  const { loadScenario } = await import("../scenario.ts");
  const { runWorld } = await import("../world.ts");
  const scenario = loadScenario(scenarioName);
  for (let seed = 1; seed <= seedsMax; seed++) {
    const { violations } = await runWorld({ scenario, seed });
    if (violations[0] !== undefined) return { after: seed, violation: violations[0] };
  }
  return { after: undefined, violation: "" };
}

async function runModel(setup: {
  readonly byzantine: number;
  readonly views: number;
  restarts?: number;
  lastHeight?: number;
}): Promise<Catch> {
  const { explore } = await import("../model/index.ts");
  const { states, violation } = explore({
    depth: 99,
    statesMax: 500_000,
    restarts: 0,
    lastHeight: 0,
    healEvery: 50,
    ...setup,
  });
  return violation === undefined ? { after: undefined, violation: "" } : { after: states, violation: violation.what };
}

const { caughtBy } = bug;
const caught =
  "model" in caughtBy ? await runModel(caughtBy.model) : await runScenario(caughtBy.scenario, caughtBy.seedsMax);
for (const { file } of bug.edits) {
  if (!planted.has(new URL(file, root).href)) throw new Error(`${bug.name}: ${file} was never loaded`);
}
parentPort?.postMessage(caught);
