// The effective configuration: flag > environment > file > preset > default, checked as a whole, frozen once, with the origin
// of each value. Called once by whoever starts something; everything below is handed its own part.
import { readFileSync } from "node:fs";
import { FairmeshError } from "../primitives/index.ts";
import { type Preset, presets } from "../schema/index.ts";
import { type Environment, environmentLayer, flagLayer, type Layer, type Problem } from "./layer.ts";
import { readPreset } from "./preset.ts";
import { namedSettings } from "./setting-path.ts";
import type { Config } from "./settings.ts";
import { yamlLayer } from "./yaml-layer.ts";

export interface ConfigSources {
  /** A YAML file that must exist. */
  readonly file?: string;
  readonly environment?: Environment;
  /** Texts by path, such as `rpc.port`. */
  readonly flags?: Readonly<Record<string, string>>;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Where each value comes from, by path, in the order of the reference. */
  readonly origins: ReadonlyMap<string, string>;
}

function fileLayer(path: string): Layer {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new FairmeshError("CONFIG_MISSING", `the configuration file ${path} cannot be read`, { cause: error });
  }
  return yamlLayer({ text, name: path, versioned: true });
}

const invalid = (problems: readonly Problem[]): FairmeshError =>
  new FairmeshError(
    "CONFIG_INVALID",
    ["the configuration is not valid:", ...problems.map(({ at, message }) => `  ${at}: ${message}`)].join("\n"),
    { fields: { problems } },
  );

/** Rules between settings that are each right by themselves. */
function crossProblems(config: Config): readonly Problem[] {
  const problems: Problem[] = [];
  const { rpc, metrics, network } = config;
  if (rpc.enabled && metrics.enabled && rpc.port !== 0 && rpc.port === metrics.port) {
    problems.push({ at: "rpc.port", message: `rpc and metrics both want port ${rpc.port}` });
  }
  if (network.preset === "mainnet" && network.oneMachine) {
    problems.push({ at: "network.oneMachine", message: "several operators on one machine are for test networks only" });
  }
  return problems;
}

function presetOf(layers: readonly Layer[]): Preset {
  const placed = layers.map(({ values }) => values.get("network.preset")).find((one) => one !== undefined);
  return (placed?.value as Preset | undefined) ?? presets[0];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

/**
 * Loads and freezes the configuration. Throws `CONFIG_MISSING` (no such file) or `CONFIG_INVALID`, whose message names every
 * problem with its line or variable, and whose fields list them.
 */
export function loadConfig({ file, environment = {}, flags = {} }: ConfigSources): LoadedConfig {
  const given = [flagLayer(flags), environmentLayer(environment), ...(file === undefined ? [] : [fileLayer(file)])];
  const layers = [...given, readPreset(presetOf(given))];
  const problems = layers.flatMap((layer) => layer.problems);
  if (problems.length > 0) throw invalid(problems);
  const origins = new Map<string, string>();
  const out: Record<string, Record<string, unknown>> = {};
  for (const { path, section, key, setting } of namedSettings) {
    const placed = layers.map(({ values }) => values.get(path)).find((one) => one !== undefined);
    origins.set(path, placed?.origin ?? "default");
    out[section] ??= {};
    (out[section] as Record<string, unknown>)[key] = structuredClone(placed?.value ?? setting.fallback);
  }
  const config = deepFreeze(out) as unknown as Config;
  const between = crossProblems(config);
  if (between.length > 0) throw invalid(between);
  return { config, origins };
}
