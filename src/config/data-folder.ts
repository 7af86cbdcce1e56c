// Where things lie in a node's data folder. Names only: nothing here touches the disk.
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Environment } from "./layer.ts";
import type { Config } from "./settings.ts";

export interface DataFolder {
  readonly root: string;
  readonly config: string;
  readonly genesis: string;
  readonly keys: string;
  readonly operatorKey: string;
  readonly database: string;
  /** Peers met and bans: nothing in it matters for long. */
  readonly peers: string;
  readonly guard: string;
  readonly tokens: string;
  readonly assets: string;
  /** Content on its way between a command and the node beside it. */
  readonly transfer: string;
  /** Holds the number of the folder's layout. */
  readonly version: string;
}

/** XDG's data folder for fairmesh. */
export const defaultDataDir = (environment: Environment): string =>
  join(environment.XDG_DATA_HOME || join(homedir(), ".local", "share"), "fairmesh");

/** The paths of a data folder; the settings that move one of them are honoured when a configuration is given. */
export function dataFolder(root: string, config?: Config): DataFolder {
  const at = (...parts: readonly string[]): string => join(resolve(root), ...parts);
  const moved = (setting: string | undefined, fallback: string): string =>
    setting === undefined || setting === "" ? fallback : resolve(setting);
  return {
    root: resolve(root),
    config: at("config.yaml"),
    genesis: moved(config?.network.genesis, at("genesis.json")),
    keys: at("keys"),
    operatorKey: moved(config?.keys.file, at("keys", "operator.json")),
    database: at("db"),
    peers: at("peers"),
    guard: at("guard"),
    tokens: at("tokens"),
    transfer: at("transfer"),
    assets: moved(config?.assets.folder, at("assets")),
    version: at("VERSION"),
  };
}
