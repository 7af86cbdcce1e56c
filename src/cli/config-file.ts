// Changing the configuration file: comments stay, and the whole file is checked before it is written.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { newConfigText, textProblems } from "../config/index.ts";
import { FairmeshError } from "../primitives/index.ts";

async function readOrNew(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return newConfigText();
    throw new FairmeshError("CONFIG_MISSING", `${file} cannot be read`, { cause: error });
  });
}

/** Throws `CONFIG_*` and leaves the file as it was when the outcome would be wrong. */
export async function changeConfigFile(file: string, change: (text: string) => string): Promise<void> {
  const after = change(await readOrNew(file));
  const problems = textProblems(after, file);
  if (problems.length > 0) throw new FairmeshError("CONFIG_INVALID", problems.join("\n"));
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, after, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
