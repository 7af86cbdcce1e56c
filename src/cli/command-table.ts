// Every command: its words, a line for the help, and the file behind it. In the order the help shows them.
import type { CommandModule } from "./command.ts";

export interface CommandRow {
  /** "keys new": the words that call it. */
  readonly words: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/** What a first word with several commands behind it is about. */
export const groups: Readonly<Record<string, string>> = {
  keys: "make, show and recover the operator's key",
  config: "read and change the configuration",
};

export const commandTable: readonly CommandRow[] = [
  { words: "start", summary: "run a node on a data folder", load: () => import("./commands/start.ts") },
  { words: "devnet", summary: "run a local network of real nodes", load: () => import("./commands/devnet.ts") },
  { words: "simulate", summary: "run consensus under simulated faults", load: () => import("./commands/simulate.ts") },
  { words: "doctor", summary: "check this machine and its data folder", load: () => import("./commands/doctor.ts") },
  { words: "verify", summary: "check a reward certificate, offline", load: () => import("./commands/verify.ts") },
  { words: "keys new", summary: "make a key and its guard", load: () => import("./commands/keys-new.ts") },
  {
    words: "keys recover",
    summary: "make a key file from its 24 words",
    load: () => import("./commands/keys-recover.ts"),
  },
  { words: "keys show", summary: "show address and guard", load: () => import("./commands/keys-show.ts") },
  {
    words: "keys export",
    summary: "show the 24 words, or the public parts",
    load: () => import("./commands/keys-export.ts"),
  },
  {
    words: "config view",
    summary: "show every setting and where it is from",
    load: () => import("./commands/config-view.ts"),
  },
  { words: "config get", summary: "show one setting", load: () => import("./commands/config-get.ts") },
  { words: "config set", summary: "change a setting in the file", load: () => import("./commands/config-set.ts") },
  {
    words: "config diff",
    summary: "show what differs from the defaults",
    load: () => import("./commands/config-diff.ts"),
  },
  {
    words: "config validate",
    summary: "check a configuration file",
    load: () => import("./commands/config-validate.ts"),
  },
  {
    words: "config reference",
    summary: "print the reference of all settings, or their JSON Schema",
    load: () => import("./commands/config-reference.ts"),
  },
];
