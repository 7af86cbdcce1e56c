// Beacon and auditor chains: every reveal hashes to the one before it, in any order asked, for any length.
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createHashChain, isPreimage, sha256 } from "../../src/crypto/index.ts";
import { toHex } from "../../src/primitives/index.ts";

const start = new Uint8Array(32).fill(3);

test("reveals lead from the end back to the start", () => {
  for (const length of [1, 2, 3, 16, 17, 100]) {
    const chain = createHashChain(start, length);
    let commitment = chain.end;
    for (let index = 0; index < length; index++) {
      assert.ok(isPreimage(commitment, chain.preimage(index)), `reveal ${index} of ${length}`);
      commitment = chain.preimage(index);
    }
    assert.is(toHex(chain.preimage(length - 1)), toHex(start));
  }
});

test("any reveal, asked in any order, is the start hashed as often as it takes", async () => {
  await fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.array(fc.nat(), { maxLength: 10 }), (length, asked) => {
      const chain = createHashChain(start, length);
      for (const number of asked) {
        const index = number % length;
        let value: Uint8Array = start;
        for (let step = 0; step < length - 1 - index; step++) value = sha256(value);
        if (toHex(chain.preimage(index)) !== toHex(value)) return false;
      }
      return true;
    }),
    { numRuns: 60 },
  );
});

test("other chains, and other bytes, are not preimages", () => {
  const chain = createHashChain(start, 10);
  assert.not(isPreimage(chain.end, chain.preimage(1)));
  assert.not(isPreimage(chain.end, new Uint8Array(31)));
  assert.throws(() => chain.preimage(10));
  assert.throws(() => chain.preimage(-1));
  assert.throws(() => createHashChain(start, 0));
  assert.throws(() => createHashChain(start.slice(1), 4));
});

test.run();
