// Access tokens, made beside the node's data folder by whoever can read it: no node has to run.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config, DataFolder } from "../config/index.ts";
import { issueToken, type Scope, scopes } from "../rpc/index.ts";
import { tokenSecret } from "./token-secret.ts";

export type { Scope };

export const isScope = (text: string): text is Scope => (scopes as readonly string[]).includes(text);

/** Whether tokens can be made here without making a new secret. */
export const hasTokenSecret = (config: Config, folder: DataFolder): boolean =>
  config.rpc.tokenSecret !== "" || existsSync(join(folder.tokens, "secret"));

/** A bearer token for `granted`, valid for so many seconds. */
export async function accessToken(
  config: Config,
  folder: DataFolder,
  granted: readonly Scope[],
  seconds: number,
): Promise<string> {
  return issueToken(await tokenSecret(config, folder), granted, seconds);
}
