// The guard's list of segments: which terms it has files for, so that a missing file is noticed, and whose guard it is.
// Replaced as a whole when a term begins or is pruned. Only vote-guard-file.ts uses it.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../crypto/index.ts";
import { type AccountId, toHex, utf8ToBytes } from "../primitives/index.ts";
import { systemCode, writeDurably } from "./durable-file.ts";

export interface GuardList {
  readonly account: string;
  /** Ascending. */
  readonly terms: readonly number[];
  /** Files of terms below this are left over from pruning. */
  readonly prunedBelow: number;
  /** Set when the guard was begun anew after damage: files of terms below it are kept and not relied on. */
  readonly renewedAt: number;
}

const listName = "segments.json";
export const listPath = (folder: string): string => join(folder, listName);

const textOf = ({ account, terms, prunedBelow, renewedAt }: GuardList): string =>
  JSON.stringify({ version: 1, account, terms, prunedBelow, renewedAt });

export const emptyList = (account: AccountId): GuardList => ({
  account: toHex(account),
  terms: [],
  prunedBelow: 0,
  renewedAt: 0,
});

export const writeList = (folder: string, list: GuardList): Promise<void> =>
  writeDurably(listPath(folder), `${textOf(list)}\n${toHex(sha256(utf8ToBytes(textOf(list))))}\n`);

/** The list, or why there is none to rely on. */
export async function readList(folder: string, account: AccountId): Promise<GuardList | string> {
  let text: string;
  try {
    text = await readFile(listPath(folder), "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return "the guard is missing";
    throw error;
  }
  const [body = "", sum] = text.split("\n");
  if (sum !== toHex(sha256(utf8ToBytes(body)))) return "the guard's list of segments was changed";
  const list = JSON.parse(body) as GuardList;
  return list.account === toHex(account) ? list : "the guard is another key's";
}
