// fairmesh tokens new: a bearer token for programs that may do more than read, or read from elsewhere.
import type { Command } from "commander";
import { accessToken, isScope, type Scope } from "../../node/offline.ts";
import { FairmeshError } from "../../primitives/index.ts";
import { type CommonOptions, print, requireFolder, setup, withConfig } from "../command.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends CommonOptions {
  readonly scope: string;
  readonly days: string;
}

const dayS = 86_400;

function scopesOf(text: string): readonly Scope[] {
  return text.split(",").map((each) => {
    const scope = each.trim();
    if (isScope(scope)) return scope;
    throw new FairmeshError("USAGE", `"${scope}" is not a scope; there are read, write, sign and admin`);
  });
}

export function define(command: Command, terminal: Terminal): void {
  withConfig(command)
    .option("--scope <scopes>", "what it opens: read, write, sign, admin, separated by commas", "read")
    .option("--days <days>", "how long it is valid", "30")
    .action(async (options: Options) => {
      const found = setup(options, terminal);
      requireFolder(found);
      const { config, folder } = found;
      const scopes = scopesOf(options.scope);
      const days = Number(options.days);
      if (!(days > 0 && days <= 3650)) throw new FairmeshError("USAGE", "--days is from a part of a day to 3650");
      const token = await accessToken(config, folder, scopes, Math.ceil(days * dayS));
      print(terminal, options, { data: { token, scopes, days }, text: () => token });
    });
}
