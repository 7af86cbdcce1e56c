// NIST's ACVP cases for ML-DSA-65 (FIPS 204) on both implementations, and how many of them each could be asked (I-5).
// Node's API has the pure external interface only: no HashML-DSA, no external mu, no signing of a bare M'. So the native
// verifier is asked 15 of 60 cases and all 25 keys; the portable one is asked all 85. The 45 others do not concern the
// protocol, which signs by the pure interface alone.
import * as nobleSha2 from "@noble/hashes/sha2.js";
import * as nobleSha3 from "@noble/hashes/sha3.js";
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { portableKey, verifyMessagePortably } from "../../src/crypto/index.ts";
import { createNativeVerifier, exportPublicKey, importSeed } from "../../src/native/index.ts";
import { concatBytes, toHex } from "../../src/primitives/index.ts";
import { hex, mlDsaVectors, type SigVerCase } from "../support/ml-dsa-vectors.ts";

const { keyGen, sigVer } = mlDsaVectors();
const ran = { native: 0, portable: 0 };

/** FIPS 204, 5.4: the hash, and the last byte of its object identifier 2.16.840.1.101.3.4.2.x. */
const hashes: Readonly<Record<string, readonly [number, (message: Uint8Array) => Uint8Array]>> = {
  "SHA2-256": [1, nobleSha2.sha256],
  "SHA2-384": [2, nobleSha2.sha384],
  "SHA2-512": [3, nobleSha2.sha512],
  "SHA2-224": [4, nobleSha2.sha224],
  "SHA2-512/224": [5, nobleSha2.sha512_224],
  "SHA2-512/256": [6, nobleSha2.sha512_256],
  "SHA3-224": [7, nobleSha3.sha3_224],
  "SHA3-256": [8, nobleSha3.sha3_256],
  "SHA3-384": [9, nobleSha3.sha3_384],
  "SHA3-512": [10, nobleSha3.sha3_512],
  "SHAKE-128": [11, (message) => nobleSha3.shake128(message, { dkLen: 32 })],
  "SHAKE-256": [12, (message) => nobleSha3.shake256(message, { dkLen: 64 })],
};

function preHashed(vector: SigVerCase): Uint8Array {
  const [last, hash] = hashes[vector.hashAlg as string] as (typeof hashes)[string] & object;
  const context = hex(vector.context);
  const identifier = hex(`0609608648016503040200`).with(10, last);
  return concatBytes(Uint8Array.of(1, context.length), context, identifier, hash(hex(vector.message)));
}

test("every key NIST generated from a seed is generated alike by both", () => {
  for (const vector of keyGen) {
    const key = portableKey(hex(vector.seed));
    assert.is(toHex(key.publicKey).toUpperCase(), vector.pk, `portable public key, case ${vector.tcId}`);
    assert.is(toHex(key.secretKey).toUpperCase(), vector.sk, `portable secret key, case ${vector.tcId}`);
    const native = exportPublicKey(importSeed(hex(vector.seed)));
    assert.is(toHex(native).toUpperCase(), vector.pk, `native public key, case ${vector.tcId}`);
    ran.portable += 1;
    ran.native += 1;
  }
});

test("pure external signatures: both verifiers answer as NIST says", async () => {
  const native = createNativeVerifier();
  const group = sigVer.find((one) => one.signatureInterface === "external" && one.preHash === "pure");
  for (const vector of group?.tests ?? []) {
    const check = {
      publicKey: hex(vector.pk),
      message: hex(vector.message),
      context: hex(vector.context),
      signature: hex(vector.signature),
    };
    assert.is(verifyMessagePortably(check), vector.testPassed, `portable, case ${vector.tcId}`);
    assert.is(await native.verifyMessage(check), vector.testPassed, `native, case ${vector.tcId}`);
    ran.portable += 1;
    ran.native += 1;
  }
});

test("hashed and internal signatures: the portable implementation beneath our verifier answers as NIST says", () => {
  for (const group of sigVer) {
    if (group.signatureInterface === "external" && group.preHash === "pure") continue;
    for (const vector of group.tests) {
      const externalMu = group.externalMu === true;
      const message = group.preHash === "preHash" ? preHashed(vector) : hex(externalMu ? vector.mu : vector.message);
      const right = ml_dsa65.internal.verify(hex(vector.signature), message, hex(vector.pk), { externalMu });
      assert.is(right, vector.testPassed, `case ${vector.tcId}`);
      ran.portable += 1;
    }
  }
});

test("all 85 cases ran on the portable implementation, the 40 that Node can be asked on the native one", () => {
  assert.equal(ran, { portable: 85, native: 40 });
});

test.run();
