// A small file beside the database that says which database belongs here and how far it had come when it was last closed.
// LevelDB opens with a cut MANIFEST as empty and with no error: without this a node would start anew and not notice.
// Written when the database is made and at each clean close; only level-store.ts uses it.
import { readFile } from "node:fs/promises";
import { FairmeshError } from "../primitives/index.ts";
import { systemCode, writeDurably } from "./durable-file.ts";

export interface Sentinel {
  /** Random, the same in the database. */
  readonly id: string;
  /** Batches written when the database was last closed cleanly: it never has fewer later. */
  readonly sequence: number;
}

/** Undefined when there is none. Throws `STORE_DAMAGED` when it cannot be read: a database may be missing behind it. */
export async function readSentinel(path: string): Promise<Sentinel | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw new FairmeshError("STORE_FAILED", `${path} cannot be read`, { cause: error });
  }
  const match = /^fairmesh database ([0-9a-f]{32}) (\d{1,15})\n$/.exec(text);
  if (match === null) {
    throw new FairmeshError("STORE_DAMAGED", `${path}, which says what database belongs here, was changed`);
  }
  return { id: match[1] as string, sequence: Number(match[2]) };
}

export const writeSentinel = (path: string, { id, sequence }: Sentinel): Promise<void> =>
  writeDurably(path, `fairmesh database ${id} ${sequence}\n`);
