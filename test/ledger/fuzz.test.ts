// Thousands of changed transactions of every kind on states from the middle of epochs (L-4, L-7). `npm test -- --slow fuzz`
// tries two million; FAIRMESH_FUZZ_CASES and FAIRMESH_FUZZ_SEED say how many and which.
import "../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { applyTransaction, sized } from "../../src/ledger/index.ts";
import { bodyOf, type Transaction, transactionKinds } from "../../src/schema/index.ts";
import { contextOf, type FuzzCase, fuzzCorpus, fuzzLedger, inTurn } from "../support/ledger-fuzz.ts";

const inactive = ["openLease", "settleLease", "closeLease", "propose", "vote"];
const kindOf = ({ transaction }: FuzzCase) => bodyOf(transaction.transaction as Transaction).kind;

test("the corpus has every kind, nearly all of it valid as it is", async () => {
  const { chain, corpus } = await fuzzCorpus();
  const kinds = new Set(corpus.map(kindOf));
  assert.equal(
    [...transactionKinds].filter((kind) => !kinds.has(kind)),
    [],
  );
  const reasons = corpus.map((one) => applyTransaction(contextOf(chain, one), sized(inTurn(one) as never)));
  const valid = new Set(corpus.filter((_, at) => reasons[at] === undefined).map(kindOf));
  const active = transactionKinds.filter((kind) => !inactive.includes(kind));
  assert.equal(
    active.filter((kind) => !valid.has(kind)),
    [],
    "kinds of which none is valid",
  );
});

test("changed transactions of every kind: no exception, nothing left behind, no grain made or lost", async () => {
  const seed = Number(process.env.FAIRMESH_FUZZ_SEED ?? Date.now() % 1_000_000);
  const { accepted, refused } = await fuzzLedger({ cases: 6000, seed });
  const never = transactionKinds.filter((kind) => !inactive.includes(kind) && accepted[kind] === undefined);
  assert.equal(never, [], `seed ${seed}: kinds that never got through`);
  assert.ok(Object.keys(refused).length > 25, `seed ${seed}: ${Object.keys(refused).length} reasons`);
});

test.run();
