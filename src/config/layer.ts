// One source of settings (a file, a preset, the environment, flags) as values by path, each with where it stands, and what is
// wrong with them. Sources never throw: all their problems are told at once.
import { readFileSync } from "node:fs";
import type { z } from "zod";
import { valueKind } from "./setting.ts";
import { environmentName, findSetting, type NamedSetting, namedSettings, suggestion } from "./setting-path.ts";
import { settings } from "./settings.ts";

export interface Placed {
  readonly value: unknown;
  /** `flag`, `env FAIRMESH_X`, `config.yaml:12`, `preset devnet` or `default`. */
  readonly origin: string;
}

export interface Problem {
  /** Where it was found: as an origin. */
  readonly at: string;
  readonly message: string;
}

export interface Layer {
  readonly values: ReadonlyMap<string, Placed>;
  readonly problems: readonly Problem[];
}

/** Checks a value against its setting; the problem says what would be right. */
export function checkValue(
  named: NamedSetting,
  value: unknown,
): { readonly value: unknown } | { readonly problem: string } {
  const result = named.setting.schema.safeParse(value);
  if (result.success) return { value: result.data };
  const issue = result.error.issues[0] as z.core.$ZodIssue;
  const where = issue.path.length === 0 ? "" : ` (item ${Number(issue.path[0]) + 1})`;
  return { problem: `${named.path}${where}: ${wordsOf(issue)}` };
}

const kinds: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  string: "a text",
  array: "a list",
};

/** What would be right; settings with rules of their own say so themselves. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return `${kinds[issue.expected] ?? issue.expected} is expected`;
  if (issue.code === "invalid_value") return `${issue.values.join(", ").replace(/, ([^,]*)$/, " or $1")} is expected`;
  if (issue.code === "too_big") return `${issue.maximum} is the most`;
  if (issue.code === "too_small") return `${issue.minimum} is the least`;
  return issue.message;
}

/** Reads a text as the kind of value that the setting has: `true`, `12`, `a,b`. */
export function readText({ setting: { schema } }: NamedSetting, text: string): unknown {
  const kind = valueKind(schema);
  if (kind === "number") return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
  if (kind === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (kind === "list") {
    return text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  }
  return text;
}

/** Collects values and problems while a source is read. */
export function createLayer() {
  const values = new Map<string, Placed>();
  const problems: Problem[] = [];
  return {
    values,
    problems,
    put(named: NamedSetting, value: unknown, origin: string): void {
      const checked = checkValue(named, value);
      if ("problem" in checked) problems.push({ at: origin, message: checked.problem });
      else values.set(named.path, { value: checked.value, origin });
    },
    fail(at: string, message: string): void {
      problems.push({ at, message });
    },
  };
}

export type Environment = Readonly<Record<string, string | undefined>>;

const sectionPrefixes = Object.keys(settings).map((section) => `FAIRMESH_${section.toUpperCase()}_`);

/** Settings in the environment; a secret also from the file that `<NAME>_FILE` names. */
export function environmentLayer(environment: Environment): Layer {
  const layer = createLayer();
  const names = new Map(namedSettings.map((one) => [environmentName(one), one]));
  const allowed = [...names].flatMap(([name, one]) => (one.setting.secret ? [name, `${name}_FILE`] : [name]));
  for (const [name, text] of Object.entries(environment).sort()) {
    if (text === undefined || !sectionPrefixes.some((prefix) => name.startsWith(prefix))) continue;
    const named = names.get(name);
    if (named !== undefined) {
      layer.put(named, readText(named, text), `env ${name}`);
      continue;
    }
    const owner = allowed.includes(name) ? names.get(name.slice(0, -"_FILE".length)) : undefined;
    if (owner === undefined) layer.fail(`env ${name}`, `${name} is not a setting${suggestion(name, allowed)}`);
    else if (environment[environmentName(owner)] === undefined) readSecret(layer, owner, { name, path: text });
    else layer.fail(`env ${name}`, `${environmentName(owner)} and ${name} are both given; give one`);
  }
  return layer;
}

function readSecret(
  layer: ReturnType<typeof createLayer>,
  named: NamedSetting,
  { name, path }: { readonly name: string; readonly path: string },
): void {
  try {
    layer.put(named, readFileSync(path, "utf8").replace(/\r?\n$/, ""), `env ${name}`);
  } catch (error) {
    layer.fail(`env ${name}`, `${path} cannot be read: ${(error as Error).message}`);
  }
}

/** Settings given as flags: texts by path, such as `rpc.port`: "4800". */
export function flagLayer(flags: Readonly<Record<string, string>>): Layer {
  const layer = createLayer();
  for (const [path, text] of Object.entries(flags)) {
    const named = findSetting(path);
    if (named !== undefined) layer.put(named, readText(named, text), "flag");
    else
      layer.fail(
        "flag",
        `${path} is not a setting${suggestion(
          path,
          namedSettings.map((one) => one.path),
        )}`,
      );
  }
  return layer;
}
