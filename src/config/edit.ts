// Changing a configuration file as a person would: comments, order and spacing stay. Used by `fairmesh config set` and `init`.
import { type Document, parseDocument } from "yaml";
import { FairmeshError } from "../primitives/index.ts";
import { checkValue, readText } from "./layer.ts";
import { findSetting, type NamedSetting, namedSettings, suggestion } from "./setting-path.ts";
import { configVersion, yamlLayer } from "./yaml-layer.ts";

/** The setting at `path`. Throws `CONFIG_UNKNOWN` with the nearest known name. */
export function requireSetting(path: string): NamedSetting {
  const named = findSetting(path);
  if (named !== undefined) return named;
  const names = namedSettings.map((one) => one.path);
  throw new FairmeshError("CONFIG_UNKNOWN", `${path} is not a setting${suggestion(path, names)}`);
}

export const newConfigText = (): string =>
  `# Settings of a Fairmesh node; docs/CONFIGURATION.md lists all of them.\nversion: ${configVersion}\n`;

function parse(text: string): Document {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new FairmeshError("CONFIG_INVALID", "the configuration file is not YAML");
  return document;
}

/** The file's text with `path` set to the value that `valueText` stands for; checks the value, not the rest of the file. */
export function setInText(text: string, path: string, valueText: string): string {
  const named = requireSetting(path);
  if (named.setting.secret) {
    throw new FairmeshError("CONFIG_INVALID", `${path} is a secret: give it by the environment or a file of its own`);
  }
  const checked = checkValue(named, readText(named, valueText));
  if ("problem" in checked) throw new FairmeshError("CONFIG_INVALID", checked.problem);
  const document = parse(text);
  document.setIn([named.section, named.key], checked.value);
  return document.toString({ lineWidth: 0 });
}

/** The file's text without `path`, so that preset or default apply again. */
export function unsetInText(text: string, path: string): string {
  const named = requireSetting(path);
  const document = parse(text);
  document.deleteIn([named.section, named.key]);
  return document.toString({ lineWidth: 0 });
}

/** What is wrong with a file's text: lines as `name:12: message`. */
export const textProblems = (text: string, name: string): readonly string[] =>
  yamlLayer({ text, name, versioned: true }).problems.map(({ at, message }) => `${at}: ${message}`);
