// Where a key's password comes from: --password-file, the configuration's secret (environment or its _FILE), or a question.
import { readFile } from "node:fs/promises";
import type { Config } from "../config/index.ts";
import { FairmeshError } from "../primitives/index.ts";
import type { Terminal } from "./terminal.ts";

export interface PasswordOptions {
  readonly passwordFile?: string;
}

const missing = (): FairmeshError =>
  new FairmeshError(
    "PASSWORD_MISSING",
    "a password is needed: give --password-file FILE, or FAIRMESH_KEYS_PASSWORD_FILE, or run this in a terminal",
  );

async function given({ passwordFile }: PasswordOptions, config: Config): Promise<string | undefined> {
  if (passwordFile === undefined) return config.keys.password === "" ? undefined : config.keys.password;
  try {
    return (await readFile(passwordFile, "utf8")).replace(/\r?\n$/, "");
  } catch (error) {
    throw new FairmeshError("PASSWORD_MISSING", `${passwordFile} cannot be read`, { cause: error });
  }
}

/** The password of an existing key. Throws `PASSWORD_MISSING` where nobody can be asked. */
export async function readPassword(options: PasswordOptions, config: Config, terminal: Terminal): Promise<string> {
  const password = await given(options, config);
  if (password !== undefined) return password;
  if (!terminal.interactive) throw missing();
  return terminal.ask("Password: ", { hidden: true });
}

/** A password for a new key, asked for twice. Throws `PASSWORD_MISSING` or `PASSWORD_WEAK`. */
export async function newPassword(options: PasswordOptions, config: Config, terminal: Terminal): Promise<string> {
  let password = await given(options, config);
  if (password === undefined) {
    if (!terminal.interactive) throw missing();
    password = await terminal.ask("Password for the key file: ", { hidden: true });
    const again = await terminal.ask("Again: ", { hidden: true });
    if (password !== again) throw new FairmeshError("PASSWORD_WEAK", "the two passwords differ");
  }
  if (password.length < 8) throw new FairmeshError("PASSWORD_WEAK", "a password has at least 8 characters");
  return password;
}
