// npm run economics -- [--scenario default] [--years 3] [--seed 1] [--json] [--html FILE]: pays the same people by our rule and
// by others for so many years of epochs and prints who earned what, and what tricks gain. The same seed prints the same.
import "../../src/native/hasher.ts";

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { FairmeshError } from "../../src/primitives/index.ts";

const { htmlOf, loadEconomicScenario, runEconomics, tablesOf, textOf } = await import("./index.ts");

const usage = `npm run economics -- [--scenario NAME|FILE] [--years N] [--seed N] [--json] [--html FILE]
  --scenario  one of simulation/economics/scenarios by name, or a YAML file (default: default)
  --years     from 1 to 30 (default: 3)
  --seed      a whole number; the same seed prints the same (default: 1)
  --json      everything as JSON, amounts in grains as text
  --html      writes the plots and tables as one page to FILE`;

const fail = (message: string): never => {
  console.error(message);
  process.exit(2);
};

function flagsOf() {
  try {
    return parseArgs({
      options: {
        scenario: { type: "string", default: "default" },
        years: { type: "string", default: "3" },
        seed: { type: "string", default: "1" },
        json: { type: "boolean", default: false },
        html: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return fail(`${(error as Error).message}\n${usage}`);
  }
}

const flags = flagsOf();
if (flags.help) {
  console.log(usage);
  process.exit(0);
}
const numberOf = (name: "years" | "seed", most: number): number => {
  const value = Number(flags[name]);
  const least = name === "years" ? 1 : 0;
  return Number.isInteger(value) && value >= least && value <= most
    ? value
    : fail(`--${name} is a whole number from ${least} to ${most}, not "${flags[name]}"`);
};
const years = numberOf("years", 30);
const seed = numberOf("seed", 2 ** 32);

try {
  const scenario = loadEconomicScenario(flags.scenario);
  const report = runEconomics(scenario, { years, seed }, (rule) => console.error(`paying by ${rule} …`));
  const command = `npm run economics -- --scenario ${flags.scenario} --years ${years} --seed ${seed}`;
  if (flags.html !== undefined) writeFileSync(flags.html, htmlOf(report, command));
  if (flags.json)
    console.log(JSON.stringify(report, (_, value) => (typeof value === "bigint" ? String(value) : value)));
  else console.log(tablesOf(report).map(textOf).join("\n\n"));
} catch (error) {
  if (!(error instanceof FairmeshError)) throw error;
  fail(`${error.code}: ${error.message}`);
}
