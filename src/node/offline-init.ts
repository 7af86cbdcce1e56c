// A new data folder: its layout's number, a key that has never signed, the key's guard, and the secret of access tokens.
import type { Config, DataFolder } from "../config/index.ts";
import { bringForward } from "./data-version.ts";
import { type KeyFacts, makeOperatorKey } from "./offline-keys.ts";
import { tokenSecret } from "./token-secret.ts";

/** Rejects as `makeOperatorKey` does, and then has made nothing that a later try would trip over. */
export async function initDataFolder(
  folder: DataFolder,
  config: Config,
  password: string,
): Promise<{ readonly facts: KeyFacts; readonly words: string }> {
  const made = await makeOperatorKey({ folder, password });
  await bringForward(folder);
  await tokenSecret(config, folder);
  return made;
}
