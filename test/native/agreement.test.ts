// Native and portable verifiers accept and refuse the same (I-5): thousands of damaged signatures, keys, messages and contexts.
// FAIRMESH_FUZZ_RUNS=10000 node test/native/agreement.test.ts for the full number; FAIRMESH_FUZZ_SEED repeats a run.

import { sign } from "node:crypto";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type MessageCheck, verifyMessagePortably } from "../../src/crypto/index.ts";
import { createNativeVerifier, exportPublicKey, importSeed } from "../../src/native/index.ts";
import { mutate, smallRandom } from "../support/ml-dsa-mutations.ts";

const runs = Number(process.env.FAIRMESH_FUZZ_RUNS ?? 450);
const seed = Number(process.env.FAIRMESH_FUZZ_SEED ?? 20_261_124);

test(`both verifiers answer alike on ${runs} damaged checks (seed ${seed})`, async () => {
  const below = smallRandom(seed);
  const native = createNativeVerifier();
  const bytes = (length: number) => Uint8Array.from({ length }, () => below(256));
  const right: MessageCheck[] = Array.from({ length: 12 }, (_, index) => {
    const key = importSeed(bytes(32));
    const message = bytes(index * 7);
    const context = bytes(index % 3 === 0 ? 0 : below(255));
    const signature = Uint8Array.from(sign(null, message, { key, context } as never));
    return { publicKey: exportPublicKey(key), message, context, signature };
  });
  let accepted = 0;
  for (let number = 0; number < runs; number++) {
    const check = mutate(right[below(right.length)] as MessageCheck, number, below);
    const answer = await native.verifyMessage(check);
    const same = verifyMessagePortably(check) === answer;
    assert.ok(same, `they differ on run ${number} of seed ${seed}: native says ${answer}`);
    accepted += answer ? 1 : 0;
  }
  assert.ok(accepted >= Math.floor(runs / 15), "undamaged ones among them are accepted");
  assert.ok(accepted < runs / 3, "damaged ones are refused");
});

test.run();
