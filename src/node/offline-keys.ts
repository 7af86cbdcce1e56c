// An operator's key file together with its guard (S-14): made at once for a new key, and for a recovered key not made at all.
// Called by the keys and init commands. Words and passwords pass through and are not kept.
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DataFolder } from "../config/index.ts";
import { entropyFromWords, peerIdText, wordsFromEntropy } from "../crypto/index.ts";
import { createKeystore, type OperatorKeys, openKeystore, operatorKeys, readKeystore } from "../native/index.ts";
import { type Bytes, FairmeshError, formatAddress, parseAddress, toHex } from "../primitives/index.ts";
import { createGuard, hasGuard, openGuard } from "../storage/index.ts";

export interface KeyFacts {
  readonly address: string;
  readonly accountId: string;
  readonly publicKey: string;
  readonly peerId: string;
  readonly file: string;
}

export interface NewKey {
  readonly folder: DataFolder;
  readonly password: string;
  /** 32 bytes to make the key from instead of fresh ones: only for networks of a test, where a seed repeats a run. */
  readonly entropy?: Bytes;
}

const factsOf = (keys: OperatorKeys, file: string): KeyFacts => ({
  address: formatAddress(keys.signer.accountId),
  accountId: toHex(keys.signer.accountId),
  publicKey: toHex(keys.signer.publicKey),
  peerId: peerIdText(keys.peerId),
  file,
});

async function writeKey(entropy: Bytes, { folder, password }: NewKey): Promise<KeyFacts> {
  const facts = factsOf(operatorKeys(entropy), folder.operatorKey);
  await mkdir(dirname(folder.operatorKey), { recursive: true, mode: 0o700 });
  await createKeystore({ path: folder.operatorKey, password, entropy, address: facts.address });
  return facts;
}

/**
 * Makes a key that has never signed, and its guard. Rejects with `KEYSTORE_EXISTS`, `GUARD_EXISTS` (a guard without its key
 * may have signed: nothing is made), or as `createKeystore` and `createGuard` do.
 */
export async function makeOperatorKey(options: NewKey): Promise<{ readonly facts: KeyFacts; readonly words: string }> {
  const { folder } = options;
  if (await hasGuard(folder.guard)) {
    throw new FairmeshError("GUARD_EXISTS", `${folder.guard} holds another key's guard: use another data folder`);
  }
  const entropy = options.entropy ?? Uint8Array.from(randomBytes(32));
  // The key first: a crash between the two leaves a key without a guard, which only observes.
  const facts = await writeKey(entropy, options);
  const account = parseAddress(facts.address);
  if (account.ok) await createGuard(folder.guard, account.value);
  return { facts, words: wordsFromEntropy(entropy) };
}

/** Writes the key behind 24 words; makes no guard (S-14). Rejects with `WORDS_WRONG` or as `createKeystore` does. */
export async function recoverOperatorKey(words: string, options: NewKey): Promise<KeyFacts> {
  const entropy = entropyFromWords(words);
  if (!entropy.ok) throw new FairmeshError("WORDS_WRONG", `these are not the words of a key: ${entropy.error}`);
  return writeKey(entropy.value, options);
}

/** Opens the key file; rejects as `openKeystore` does. */
export async function openOperatorKey(
  file: string,
  password: string,
): Promise<{ readonly facts: KeyFacts; readonly words: string; readonly keys: OperatorKeys }> {
  const entropy = await openKeystore(file, password);
  const keys = operatorKeys(entropy);
  return { facts: factsOf(keys, file), words: wordsFromEntropy(entropy), keys };
}

/** The address that a key file shows without its password. */
export const shownAddress = async (file: string): Promise<string> => (await readKeystore(file)).address;

/** How the guard of an address stands: `sound`, `torn`, or `damaged` with the reason (missing, too). */
export async function guardFacts(
  folder: string,
  address: string,
): Promise<{ readonly state: string; readonly reason?: string }> {
  const account = parseAddress(address);
  if (!account.ok) return { state: "damaged", reason: account.error };
  const guard = await openGuard(folder, account.value);
  await guard.close();
  return guard.reason === undefined ? { state: guard.state } : { state: guard.state, reason: guard.reason };
}
