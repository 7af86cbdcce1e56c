// Small files that must be whole or absent after a crash: written beside, synced, renamed, and the folder synced.
// Used for the sentinel and the guard's list of segments.
import { randomBytes } from "node:crypto";
import { open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes names in `folder` (created, renamed, removed files) survive a crash. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces `path` by `text`, mode 0600; on the disk when it settles. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString("hex")}.new`;
  const handle = await open(beside, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    await rename(beside, path);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await unlink(beside).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** The stable name of a system error, such as ENOENT. */
export const systemCode = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null ? (error as NodeJS.ErrnoException).code : undefined;
