// What every Signer must do. Called with a signer's maker and a verifier that understands it.
import type { test as uvuTest } from "uvu";
import * as assert from "uvu/assert";
import { accountIdOf, purposes, sha256, type Verifier } from "../../src/crypto/index.ts";
import type { Signer } from "../../src/ports/index.ts";
import { equalBytes, utf8ToBytes } from "../../src/primitives/index.ts";

export function signerContract(
  test: typeof uvuTest,
  name: string,
  make: { readonly signer: (seed: Uint8Array) => Signer; readonly verifier: () => Verifier },
): void {
  const root = sha256(utf8ToBytes("something to sign"));

  test(`${name}: is named by its key (I-1), the same for the same seed only`, () => {
    const signer = make.signer(new Uint8Array(32).fill(1));
    assert.ok(equalBytes(signer.accountId, accountIdOf(signer.publicKey)));
    assert.ok(equalBytes(signer.publicKey, make.signer(new Uint8Array(32).fill(1)).publicKey));
    assert.not(equalBytes(signer.publicKey, make.signer(new Uint8Array(32).fill(2)).publicKey));
  });

  test(`${name}: signs every purpose so that it verifies, many at a time`, async () => {
    const signer = make.signer(new Uint8Array(32).fill(1));
    const verifier = make.verifier();
    const right = await Promise.all(
      purposes.map(async (purpose) => {
        const signature = await signer.sign(root, purpose);
        return verifier.verify({ publicKey: signer.publicKey, root, purpose, signature });
      }),
    );
    assert.is(right.filter((one) => one).length, purposes.length);
  });
}
