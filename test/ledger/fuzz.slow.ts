// Two million changed transactions of every kind (L-4, L-7); see fuzz.test.ts. FAIRMESH_FUZZ_CASES says how many.
import "../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { fuzzLedger } from "../support/ledger-fuzz.ts";

test("millions of changed transactions break nothing", async () => {
  const cases = Number(process.env.FAIRMESH_FUZZ_CASES ?? 2_000_000);
  const seed = Number(process.env.FAIRMESH_FUZZ_SEED ?? Date.now() % 1_000_000);
  const outcome = await fuzzLedger({ cases, seed });
  process.stdout.write(`${JSON.stringify({ seed, ...outcome })}\n`);
  assert.ok(Object.keys(outcome.refused).length > 25);
});

test.run();
