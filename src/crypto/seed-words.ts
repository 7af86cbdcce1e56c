// The 24 words that a person writes down (BIP-39, English) and the seed they stand for. Everything that an operator signs
// with can be made again from them. Randomness comes in as an argument; nothing here is kept or printed.
import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeedSync } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { type Bytes, err, invariant, ok, type Result } from "../primitives/index.ts";

export const wordsCount = 24;
/** What 24 words hold besides their checksum. */
export const entropyBytes = 32;

/** 24 words for 32 random bytes, separated by single spaces. */
export function wordsFromEntropy(entropy: Bytes): string {
  invariant(entropy.length === entropyBytes, "24 words stand for 32 bytes", { length: entropy.length });
  return entropyToMnemonic(entropy, wordlist);
}

/** The 32 bytes behind 24 words; capitals and spacing do not matter. The error says what is wrong, without the words. */
export function entropyFromWords(text: string): Result<Bytes, string> {
  const words = text.trim().toLowerCase().split(/\s+/);
  if (words.length !== wordsCount) return err(`a key has ${wordsCount} words, not ${words.length}`);
  const strange = words.findIndex((word) => !wordlist.includes(word));
  if (strange >= 0) return err(`word ${strange + 1} is not in the BIP-39 list`);
  try {
    return ok(mnemonicToEntropy(words.join(" "), wordlist));
  } catch {
    return err("the words do not fit together: one is wrong, or two have changed places");
  }
}

/** BIP-39's 64-byte seed of the words for `entropy`, without a passphrase. Slow by design: about 10 ms. */
export const seedFromEntropy = (entropy: Bytes): Bytes => mnemonicToSeedSync(wordsFromEntropy(entropy));
