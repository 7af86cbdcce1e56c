// Content between a command and the node beside it: a file in the data folder's `transfer`, there for one call only.
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DataFolder } from "../config/index.ts";

/** How long storing or reading a blob may take. */
export const transferMs = 24 * 3_600_000;

/** Runs `work` with the name and path of a file that is gone afterwards. */
export async function withTransfer<T>(
  { transfer }: DataFolder,
  work: (file: { readonly name: string; readonly path: string }) => Promise<T>,
): Promise<T> {
  await mkdir(transfer, { recursive: true, mode: 0o700 });
  const name = randomBytes(16).toString("hex");
  const path = join(transfer, name);
  try {
    return await work({ name, path });
  } finally {
    await rm(path, { force: true });
  }
}
