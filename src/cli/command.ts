// The shape of a command file, and the options that many commands share. Adding a command is one file in commands/ and one row in
// command-table.ts; the file is loaded only when its command is asked for.
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { type DataFolder, dataFolder, defaultDataDir, type LoadedConfig, loadConfig } from "../config/index.ts";
import { FairmeshError } from "../primitives/index.ts";
import type { Terminal } from "./terminal.ts";

export interface CommandModule {
  /** Adds arguments, options and the action to a fresh command that already has its name and summary. */
  define(command: Command, terminal: Terminal): void;
}

/** Options of every command that works on a data folder, as commander gives them. */
export interface CommonOptions {
  readonly dataDir?: string;
  readonly config?: string;
  readonly set?: readonly string[];
  readonly json?: boolean;
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Adds --json. */
export const withJson = (command: Command): Command => command.option("--json", "print one JSON object");

/** Adds --data-dir, --config, --set and --json. */
export const withConfig = (command: Command): Command =>
  withJson(
    command
      .option("-d, --data-dir <folder>", "folder of keys, database and guard")
      .option("-c, --config <file>", "configuration file (default: config.yaml in the data folder)")
      .option("-s, --set <section.key=value>", "a setting for this run; may be repeated", collect),
  );

/** Adds calls that a person may begin with, below the options. */
export const withExamples = (command: Command, ...calls: readonly string[]): Command =>
  command.addHelpText("after", `\nExamples:\n${calls.map((call) => `  fairmesh ${call}`).join("\n")}`);

function flagsOf({ dataDir, set = [] }: CommonOptions): Readonly<Record<string, string>> {
  const flags = Object.fromEntries(
    set.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw new FairmeshError("USAGE", `--set takes section.key=value, not "${text}"`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
  return dataDir === undefined ? flags : { ...flags, "node.dataDir": dataDir };
}

export interface Setup extends LoadedConfig {
  readonly folder: DataFolder;
  /** The file that was read, if any. */
  readonly file: string | undefined;
}

/** The folder that the options name, before any configuration is read. */
export const rootOf = (options: CommonOptions, { environment }: Terminal): string =>
  options.dataDir ?? (environment.FAIRMESH_NODE_DATA_DIR || defaultDataDir(environment));

/** The effective configuration and the data folder it names. Throws `CONFIG_*`. */
export function setup(options: CommonOptions, terminal: Terminal): Setup {
  const { environment } = terminal;
  const inFolder = dataFolder(rootOf(options, terminal)).config;
  const file = options.config ?? (existsSync(inFolder) ? inFolder : undefined);
  const loaded = loadConfig({ environment, flags: flagsOf(options), ...(file === undefined ? {} : { file }) });
  const root = loaded.config.node.dataDir || rootOf(options, terminal);
  return { ...loaded, folder: dataFolder(root, loaded.config), file };
}

/** Throws `FOLDER_MISSING` where no data folder is: for commands that would otherwise begin one by half. */
export function requireFolder({ folder }: Setup): void {
  if (existsSync(folder.root)) return;
  throw new FairmeshError("FOLDER_MISSING", `there is no data folder ${folder.root}: \`fairmesh init\` makes one`);
}

export interface Shape {
  readonly data: unknown;
  text(): string;
}

/** Prints `data` as JSON when asked for, else `text`. */
export function print(terminal: Terminal, { json }: CommonOptions, shape: Shape): void {
  const shown = json === true ? JSON.stringify(shape.data, plainJson, 2) : shape.text();
  terminal.out(shown.endsWith("\n") ? shown : `${shown}\n`);
}

const plainJson = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
