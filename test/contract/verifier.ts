// What every Verifier must do, native, portable or simulated. Called with a way to make a verifier and a signer whose
// signatures it understands.
import type { test as uvuTest } from "uvu";
import * as assert from "uvu/assert";
import { type Purpose, type SignatureCheck, sha256, type Verifier } from "../../src/crypto/index.ts";
import type { Signer } from "../../src/ports/index.ts";
import { digest, utf8ToBytes } from "../../src/primitives/index.ts";

export interface VerifierFactory {
  verifier(): Verifier;
  /** Two different accounts for different seeds. */
  signer(seed: Uint8Array): Signer;
}

const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes[at] as number) ^ 1);

export function verifierContract(test: typeof uvuTest, name: string, make: VerifierFactory): void {
  const signer = make.signer(new Uint8Array(32).fill(1));
  const stranger = make.signer(new Uint8Array(32).fill(2));
  const root = sha256(utf8ToBytes("something to sign"));
  const signed = async (purpose: Purpose = "vote"): Promise<SignatureCheck> => ({
    publicKey: signer.publicKey,
    root,
    purpose,
    signature: await signer.sign(root, purpose),
  });

  test(`${name}: accepts what the key signed, as often as it is asked`, async () => {
    const verifier = make.verifier();
    const check = await signed();
    const answers = await Promise.all(Array.from({ length: 40 }, () => verifier.verify(check)));
    assert.ok(answers.every((right) => right));
  });

  test(`${name}: refuses another root, purpose, key or signature (I-2)`, async () => {
    const verifier = make.verifier();
    const check = await signed("vote");
    assert.not(await verifier.verify({ ...check, root: digest(flip(root, 0)) }));
    assert.not(await verifier.verify({ ...check, purpose: "propose" }));
    assert.not(await verifier.verify({ ...check, publicKey: stranger.publicKey }));
    assert.not(await verifier.verify({ ...check, signature: flip(check.signature, 0) }));
    assert.not(await verifier.verify({ ...check, signature: flip(check.signature, check.signature.length - 1) }));
  });

  test(`${name}: says false, and does not throw, for wrong lengths and empty bytes`, async () => {
    const verifier = make.verifier();
    const check = await signed();
    for (const length of [0, 1, check.signature.length - 1]) {
      assert.not(await verifier.verify({ ...check, signature: check.signature.slice(0, length) }));
      assert.not(await verifier.verify({ ...check, publicKey: check.publicKey.slice(0, length % 1952) }));
    }
    const long = new Uint8Array(check.signature.length + 1);
    long.set(check.signature);
    assert.not(await verifier.verify({ ...check, signature: long }));
  });
}
