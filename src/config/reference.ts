// What is generated from the settings: docs/CONFIGURATION.md and a JSON Schema for editors. A test keeps the docs current.
import { z } from "zod";
import { presets } from "../schema/index.ts";
import { readPreset } from "./preset.ts";
import { environmentName, type NamedSetting, namedSettings } from "./setting-path.ts";
import { settings } from "./settings.ts";
import { configVersion } from "./yaml-layer.ts";

const shown = (value: unknown): string =>
  value === "" ? "empty" : Array.isArray(value) && value.length === 0 ? "none" : `\`${[value].flat().join(", ")}\``;

function allowed({ setting }: NamedSetting): string {
  const schema = z.toJSONSchema(setting.schema) as {
    readonly type?: string;
    readonly enum?: readonly string[];
    readonly minimum?: number;
    readonly maximum?: number;
  };
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${one}\``).join(", ");
  if (schema.minimum !== undefined) return `${schema.minimum} to ${schema.maximum}`;
  return schema.type === "array" ? "list" : (schema.type ?? "");
}

function settingRow(named: NamedSetting, presetValues: readonly (readonly [string, unknown])[]): string {
  const others = presetValues.map(([preset, value]) => `; ${preset}: ${shown(value)}`).join("");
  const fallback = named.setting.secret ? "secret" : `${shown(named.setting.fallback)}${others}`;
  const variable = environmentName(named) + (named.setting.secret ? " or _FILE" : "");
  return `| \`${named.key}\` | ${named.setting.about} | ${allowed(named)} | ${fallback} | \`${variable}\` |`;
}

/** The reference as Markdown. */
export function configReference(): string {
  const layers = presets.map((preset) => [preset, readPreset(preset)] as const);
  const lines = [
    "# Configuration",
    "",
    "Generated from `src/config/settings.ts` by `fairmesh config reference`; a test compares them.",
    "",
    "A setting is taken from the first of: a flag (`--set rpc.port=4800`), the environment, the file (`config.yaml` in the data",
    "folder, or `--config`), the network's preset, the default. Unknown keys are errors. Secrets come from the environment or,",
    "by the variable with `_FILE`, from a file; never from the configuration file. What a network agrees on (intervals, fees,",
    "caps) is in its genesis and changes by governance: `fairmesh config` has no part in it.",
  ];
  for (const section of Object.keys(settings)) {
    lines.push(
      "",
      `## ${section}`,
      "",
      "| key | what it is | values | default | environment |",
      "| --- | --- | --- | --- | --- |",
    );
    for (const named of namedSettings.filter((one) => one.section === section)) {
      const values = layers.flatMap(([preset, layer]) => {
        const placed = layer.values.get(named.path);
        return placed === undefined ? [] : [[preset, placed.value] as const];
      });
      lines.push(settingRow(named, values));
    }
  }
  return `${lines.join("\n")}\n`;
}

/** A JSON Schema of the configuration file (without secrets, which never stand there). */
export function configJsonSchema(): object {
  const sections = Object.keys(settings).map((section) => {
    const keys = namedSettings.filter((one) => one.section === section && !one.setting.secret);
    const shape = keys.map(({ key, setting }) => [key, setting.schema.describe(setting.about).optional()] as const);
    return [section, z.strictObject(Object.fromEntries(shape)).optional()] as const;
  });
  const schema = z.strictObject({ version: z.literal(configVersion), ...Object.fromEntries(sections) });
  return { title: "Fairmesh configuration", ...z.toJSONSchema(schema) };
}
