// The layout of a data folder has a number, in the file VERSION. A folder of an older layout is brought forward, one step at
// a time; one of a newer layout is left alone.
import { readFile, stat, writeFile } from "node:fs/promises";
import type { DataFolder } from "../config/index.ts";
import { FairmeshError } from "../primitives/index.ts";

/** Step n brings a folder of layout n to n + 1. */
const migrations: readonly ((folder: DataFolder) => Promise<void>)[] = [
  // 0 to 1: before VERSION was written; the layout is the same.
  async () => {},
];
const dataVersion = migrations.length;

async function readVersion(folder: DataFolder): Promise<number> {
  const text = await readFile(folder.version, "utf8").catch(() => undefined);
  if (text === undefined) {
    const used = await stat(folder.database).then(
      () => true,
      () => false,
    );
    return used ? 0 : dataVersion;
  }
  const version = Number(text.trim());
  if (Number.isSafeInteger(version) && version >= 0) return version;
  throw new FairmeshError("DATA_VERSION", `${folder.version} does not hold a number: was the folder made by Fairmesh?`);
}

/** Rejects with `DATA_NEWER` for a folder that a newer Fairmesh has used. */
export async function bringForward(folder: DataFolder): Promise<void> {
  const found = await readVersion(folder);
  if (found > dataVersion) {
    throw new FairmeshError(
      "DATA_NEWER",
      `${folder.root} has layout ${found}, this Fairmesh knows up to ${dataVersion}: run the newer one that wrote it`,
    );
  }
  for (const migrate of migrations.slice(found)) await migrate(folder);
  await writeFile(folder.version, `${dataVersion}\n`, { mode: 0o600 });
}
