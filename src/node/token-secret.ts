// The secret that signs access tokens: given by configuration, or made once and kept in the data folder, readable by its
// owner only.
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config, DataFolder } from "../config/index.ts";
import { type Bytes, fromHex, toHex, utf8ToBytes } from "../primitives/index.ts";

export async function tokenSecret(config: Config, folder: DataFolder): Promise<Bytes> {
  if (config.rpc.tokenSecret !== "") return utf8ToBytes(config.rpc.tokenSecret);
  const path = join(folder.tokens, "secret");
  await mkdir(folder.tokens, { recursive: true, mode: 0o700 });
  try {
    await writeFile(path, toHex(randomBytes(32)), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as { readonly code?: string }).code !== "EEXIST") throw error;
  }
  return fromHex((await readFile(path, "utf8")).trim());
}
