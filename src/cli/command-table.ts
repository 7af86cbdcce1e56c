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
  assets: "what this node offers",
  blob: "content stored on others' storage",
  capacity: "what is advertised as free",
  rewards: "who earned what, and why",
  tx: "transactions",
  tokens: "access for programs",
  rpc: "what programs may ask a node",
  config: "read and change the configuration",
};

export const commandTable: readonly CommandRow[] = [
  { words: "init", summary: "make a data folder for a network", load: () => import("./commands/init.ts") },
  { words: "start", summary: "run a node on a data folder", load: () => import("./commands/start.ts") },
  { words: "status", summary: "show how far a running node is", load: () => import("./commands/status.ts") },
  { words: "health", summary: "say whether a node is ready, by exit code", load: () => import("./commands/health.ts") },
  { words: "peers", summary: "show who is connected", load: () => import("./commands/peers.ts") },
  { words: "devnet", summary: "run a local network of real nodes", load: () => import("./commands/devnet.ts") },
  {
    words: "devnet fund",
    summary: "give an account money on a local network",
    load: () => import("./commands/devnet-fund.ts"),
  },
  { words: "simulate", summary: "run consensus under simulated faults", load: () => import("./commands/simulate.ts") },
  {
    words: "completion",
    summary: "print a script that completes commands in a shell",
    load: () => import("./commands/completion.ts"),
  },
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
    words: "assets detect",
    summary: "measure what this machine has to offer",
    load: () => import("./commands/assets-detect.ts"),
  },
  {
    words: "assets register",
    summary: "say what this node shall offer",
    load: () => import("./commands/assets-register.ts"),
  },
  { words: "assets list", summary: "show registered assets", load: () => import("./commands/assets-list.ts") },
  { words: "assets show", summary: "show one asset", load: () => import("./commands/assets-show.ts") },
  {
    words: "assets retire",
    summary: "take an asset out of service",
    load: () => import("./commands/assets-retire.ts"),
  },
  { words: "blob put", summary: "store a file on a storage asset", load: () => import("./commands/blob-put.ts") },
  { words: "blob get", summary: "read a stored blob, or a part of it", load: () => import("./commands/blob-get.ts") },
  { words: "blob list", summary: "show what this node stores", load: () => import("./commands/blob-list.ts") },
  { words: "blob delete", summary: "remove a stored blob", load: () => import("./commands/blob-delete.ts") },
  { words: "capacity list", summary: "show what is free now", load: () => import("./commands/capacity-list.ts") },
  {
    words: "capacity find",
    summary: "find free capacity in a place, cheapest first",
    load: () => import("./commands/capacity-find.ts"),
  },
  { words: "rewards list", summary: "show an epoch's rewards", load: () => import("./commands/rewards-list.ts") },
  {
    words: "rewards show",
    summary: "show what an epoch settled to, and how evenly",
    load: () => import("./commands/rewards-show.ts"),
  },
  {
    words: "rewards explain",
    summary: "say why an asset earned what it did",
    load: () => import("./commands/rewards-explain.ts"),
  },
  {
    words: "rewards certificate",
    summary: "write the file that proves a reward",
    load: () => import("./commands/rewards-certificate.ts"),
  },
  { words: "bond", summary: "add to a bond, or become an operator", load: () => import("./commands/bond.ts") },
  { words: "unbond", summary: "take bond back after the delay", load: () => import("./commands/unbond.ts") },
  { words: "transfer", summary: "send money to an account", load: () => import("./commands/transfer.ts") },
  { words: "tx send", summary: "hand in a signed transaction", load: () => import("./commands/tx-send.ts") },
  { words: "tx show", summary: "show what became of a transaction", load: () => import("./commands/tx-show.ts") },
  { words: "tokens new", summary: "make an access token", load: () => import("./commands/tokens-new.ts") },
  {
    words: "rpc reference",
    summary: "print the reference of all RPC methods, or their OpenRPC document",
    load: () => import("./commands/rpc-reference.ts"),
  },
  { words: "backup", summary: "write chain and state to a file", load: () => import("./commands/backup.ts") },
  { words: "restore", summary: "make a database from a backup", load: () => import("./commands/restore.ts") },
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
