// Backups of a node's database, made and restored while no node runs on it. Never keys, never the guard, never votes (S-14).
import { rm, stat } from "node:fs/promises";
import type { DataFolder } from "../config/index.ts";
import { FairmeshError } from "../primitives/index.ts";
import { applicationSpaces } from "../runtime/application/index.ts";
import { type BackupCount, backupStore, openLevelStore, restoreStore, sentinelPath } from "../storage/index.ts";

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The chain and its state; nothing of what this node signed or was about to sign. */
const chainSpaces: readonly string[] = Object.values(applicationSpaces);

/** Writes the chain to a new file. Rejects with `STORE_LOCKED` while a node runs, or `BACKUP_*`. */
export async function backupNode(folder: DataFolder, path: string): Promise<BackupCount> {
  if (!(await exists(folder.database))) {
    throw new FairmeshError("STORE_MISSING", `there is no database in ${folder.root}`);
  }
  const store = await openLevelStore(folder.database);
  try {
    return await backupStore(store, chainSpaces, path);
  } finally {
    await store.close();
  }
}

/** Makes a database from a backup where there is none; a failure leaves none behind. Rejects with `STORE_EXISTS`, `BACKUP_DAMAGED` or `BACKUP_FAILED`. */
export async function restoreNode(folder: DataFolder, path: string): Promise<BackupCount> {
  if (await exists(folder.database)) {
    throw new FairmeshError(
      "STORE_EXISTS",
      `${folder.database} exists: a backup is restored into an empty data folder`,
    );
  }
  const store = await openLevelStore(folder.database);
  try {
    const count = await restoreStore(store, path);
    await store.close();
    return count;
  } catch (error) {
    await store.close();
    for (const made of [folder.database, sentinelPath(folder.database)])
      await rm(made, { recursive: true, force: true });
    throw error;
  }
}
