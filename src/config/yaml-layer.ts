// Settings in a YAML file, each with its line; unknown keys are errors with the nearest known name. Presets are such files too.
import { isMap, isScalar, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from "yaml";
import { createLayer, type Layer } from "./layer.ts";
import { findSetting, namedSettings, suggestion } from "./setting-path.ts";
import { settings } from "./settings.ts";

export const configVersion = 1;

interface Source {
  readonly text: string;
  /** As errors name it: a file name. */
  readonly name: string;
  /** Presets carry no version and may hold any setting but a secret. */
  readonly versioned: boolean;
}

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The settings of a file; every problem has its line. */
export function yamlLayer({ text, name, versioned }: Source): Layer {
  const layer = createLayer();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (node: unknown): string => {
    const start = (node as Node | null)?.range?.[0];
    return start === undefined ? name : `${name}:${lines.linePos(start).line}`;
  };
  for (const error of document.errors) {
    layer.fail(`${name}:${lines.linePos(error.pos[0]).line}`, error.message.split("\n")[0] as string);
  }
  if (document.errors.length > 0) return layer;
  if (document.contents === null) {
    if (versioned) layer.fail(name, `the file is empty; it begins with "version: ${configVersion}"`);
    return layer;
  }
  if (!isMap(document.contents)) {
    layer.fail(`${name}:1`, "the file is a map of sections");
    return layer;
  }
  const sections = document.contents as YAMLMap;
  if (versioned) checkVersion(sections, (at, message) => layer.fail(at === undefined ? name : lineOf(at), message));
  for (const pair of sections.items) {
    const section = keyText(pair);
    if (section === "version" && versioned) continue;
    const known = (settings as Sections)[section];
    if (known === undefined) {
      const names = Object.keys(settings);
      layer.fail(lineOf(pair.key), `${section} is not a section${suggestion(section, names)}`);
    } else if (isMap(pair.value)) readSection(pair.value as YAMLMap, { section, layer, lineOf });
    else if (!isEmpty(pair.value)) layer.fail(lineOf(pair.value), `${section} is a map of settings`);
  }
  return layer;
}

const keyText = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value) : String(pair.key));
const isEmpty = (node: unknown): boolean => node === null || (isScalar(node) && node.value === null);

function checkVersion(sections: YAMLMap, fail: (at: unknown, message: string) => void): void {
  const pair = sections.items.find((one) => keyText(one) === "version");
  const version = isScalar(pair?.value) ? pair.value.value : undefined;
  if (version === configVersion) return;
  if (typeof version === "number" && version > configVersion) {
    fail(pair?.key, `version ${version} is of a newer fairmesh; this one reads version ${configVersion}`);
  } else fail(pair?.key, `the file begins with "version: ${configVersion}"`);
}

function readSection(
  map: YAMLMap,
  {
    section,
    layer,
    lineOf,
  }: { readonly section: string; readonly layer: ReturnType<typeof createLayer>; lineOf(node: unknown): string },
): void {
  for (const pair of map.items) {
    const path = `${section}.${keyText(pair)}`;
    const named = findSetting(path);
    if (named === undefined) {
      const names = namedSettings.map((one) => one.path);
      layer.fail(lineOf(pair.key), `${path} is not a setting${suggestion(path, names)}`);
    } else if (named.setting.secret) {
      layer.fail(lineOf(pair.key), `${path} is a secret: give it by the environment or a file of its own, not here`);
    } else if (!isEmpty(pair.value)) {
      layer.put(named, (pair.value as Node).toJSON(), lineOf(pair.key));
    }
  }
}
