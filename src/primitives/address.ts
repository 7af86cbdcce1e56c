// Account ids as people see them: bech32m with prefix `fair` (I-1). Any single wrong character is noticed.
import { bech32m } from "@scure/base";
import type { Bytes } from "./bytes.ts";
import { type AccountId, idBytes } from "./ids.ts";
import { err, ok, type Result } from "./result.ts";

export const addressPrefix = "fair";

export const formatAddress = (account: AccountId): string => bech32m.encode(addressPrefix, bech32m.toWords(account));

/** The account that `text` names, or a sentence that says what is wrong with it. */
export function parseAddress(text: string): Result<AccountId, string> {
  const decoded = bech32m.decodeUnsafe(text as `${string}1${string}`, 90);
  if (decoded === undefined) return err(`"${text}" is not an address: a character is wrong or missing`);
  if (decoded.prefix !== addressPrefix) return err(`an address begins with ${addressPrefix}1, not ${decoded.prefix}1`);
  const bytes: Bytes | undefined = bech32m.fromWordsUnsafe(decoded.words) || undefined;
  if (bytes === undefined || bytes.length !== idBytes) return err(`"${text}" does not hold an account id`);
  return ok(bytes as AccountId);
}
