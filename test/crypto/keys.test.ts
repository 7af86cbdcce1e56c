// Keys from words: known words give known keys, roles never meet, wrong words are told apart; peer ids and account ids.
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  accountIdOf,
  deriveKey,
  entropyFromWords,
  keyRoles,
  peerIdOf,
  peerIdPublicKey,
  peerIdText,
  seedFromEntropy,
  sha256,
  wordsFromEntropy,
} from "../../src/crypto/index.ts";
import { concatBytes, fromHex, toHex } from "../../src/primitives/index.ts";

/** BIP-39's own test vector for 32 bytes of 7f, with the passphrase left empty. */
const words = `${"legal winner thank year wave sausage worth useful ".repeat(2)}legal winner thank year wave sausage worth title`;
const entropy = new Uint8Array(32).fill(0x7f);

test("24 words and their bytes are one another's (BIP-39 vector)", () => {
  assert.is(wordsFromEntropy(entropy), words);
  const read = entropyFromWords(`  ${words.toUpperCase().replaceAll(" ", "  ")}\n`);
  assert.ok(read.ok && toHex(read.value) === toHex(entropy));
});

test("any 32 bytes come back from their words", async () => {
  await fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const read = entropyFromWords(wordsFromEntropy(bytes));
      return read.ok && toHex(read.value) === toHex(bytes);
    }),
    { numRuns: 50 },
  );
});

test("wrong words are told apart, and the message never repeats them", () => {
  const list = words.split(" ");
  const errorOf = (text: string) => {
    const read = entropyFromWords(text);
    return read.ok ? "none" : read.error;
  };
  assert.match(errorOf(list.slice(0, 23).join(" ")), "24 words, not 23");
  assert.match(errorOf(list.with(4, "sausages").join(" ")), "word 5");
  assert.match(errorOf(list.with(0, "zoo").join(" ")), "fit together");
  assert.match(errorOf(""), "24 words");
  assert.not(errorOf(list.with(4, "sausages").join(" ")).includes("sausages"));
});

test("a seed gives the same keys for ever, and no two roles or generations share one", () => {
  const seed = seedFromEntropy(entropy);
  const keys = keyRoles.flatMap((role) => [0, 1].map((generation) => toHex(deriveKey(seed, role, generation))));
  assert.is(new Set(keys).size, keyRoles.length * 2);
  // Frozen: an operator's words must restore the same keys in every later version.
  assert.equal(
    keyRoles.map((role) => toHex(deriveKey(seed, role)).slice(0, 16)),
    ["cce5f3834d4b3b59", "5aa49fa498a54914", "741b46867a5d7145", "9888850dc3ef466f"],
  );
});

test("an account is H(0x9124 || key) (I-1)", () => {
  const key = new Uint8Array(1952).fill(5);
  assert.is(toHex(accountIdOf(key)), toHex(sha256(concatBytes(fromHex("9124"), key))));
});

test("a peer id holds its key and reads as libp2p writes it", () => {
  // The key and the text are libp2p's own for the Ed25519 seed of 32 bytes of 7.
  const key = fromHex("ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c");
  assert.is(peerIdText(peerIdOf(key)), "12D3KooWRawPbxPtP1eZaJpumGnyWX2DcUyd3RQnydr3eAto4Az7");
  const read = peerIdPublicKey(peerIdOf(key));
  assert.ok(read.ok && toHex(read.value) === toHex(key));
  assert.not(peerIdPublicKey(peerIdOf(key).slice(1)).ok);
  assert.not(peerIdPublicKey(peerIdOf(key).with(3, 2)).ok);
});

test.run();
