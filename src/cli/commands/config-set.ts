// fairmesh config set: changes one setting in the configuration file, which keeps its comments; the whole file is checked before
// it is written.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Command } from "commander";
import { dataFolder, newConfigText, setInText, textProblems, unsetInText } from "../../config/index.ts";
import { FairmeshError } from "../../primitives/index.ts";
import { type CommonOptions, print, rootOf, withConfig } from "../command.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends CommonOptions {
  readonly unset?: boolean;
}

async function readOrNew(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return newConfigText();
    throw new FairmeshError("CONFIG_MISSING", `${file} cannot be read`, { cause: error });
  });
}

export function define(command: Command, terminal: Terminal): void {
  withConfig(
    command
      .argument("<section.key>", "the setting")
      .argument("[value]", "its new value; lists are separated by commas")
      .option("--unset", "take the setting out of the file, so that preset or default apply"),
  ).action(async (path: string, value: string | undefined, options: Options) => {
    if ((value === undefined) !== (options.unset === true)) {
      throw new FairmeshError("USAGE", "give either a value or --unset");
    }
    const file = options.config ?? dataFolder(rootOf(options, terminal)).config;
    const before = await readOrNew(file);
    const after = value === undefined ? unsetInText(before, path) : setInText(before, path, value);
    const problems = textProblems(after, file);
    if (problems.length > 0) throw new FairmeshError("CONFIG_INVALID", problems.join("\n"));
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(`${file}.new`, after, { mode: 0o600 });
    await rename(`${file}.new`, file);
    print(terminal, options, { data: { file, path, value: value ?? null }, text: () => `${file} changed` });
  });
}
