// The presets: data files in config/ at the project's top, one a network, with the settings that differ from the defaults there.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { invariant } from "../primitives/index.ts";
import type { Preset } from "../schema/index.ts";
import type { Layer } from "./layer.ts";
import { yamlLayer } from "./yaml-layer.ts";

/** From src/config in a checkout; from dist/src/config in the package, which keeps config/ at its top. */
const candidates = ["../../config/", "../../../config/"];

/** The path of a data file of config/. Throws InvariantError when the installation lacks it. */
export function configDataPath(name: string): string {
  const found = candidates
    .map((folder) => fileURLToPath(new URL(folder + name, import.meta.url)))
    .find((path) => existsSync(path));
  invariant(found !== undefined, "the installation has its config folder", { name });
  return found;
}

/** The preset's settings, each with `preset <name>` as origin. */
export function readPreset(preset: Preset): Layer {
  const name = `preset ${preset}`;
  const layer = yamlLayer({ text: readFileSync(configDataPath(`${preset}.yaml`), "utf8"), name, versioned: false });
  const values = new Map([...layer.values].map(([path, { value }]) => [path, { value, origin: name }]));
  return { values, problems: layer.problems };
}
