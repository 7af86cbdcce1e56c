// The small model, short: every interleaving of one view, with and without a restart, and the beginning of two views. The slow
// suite goes further (`npm run model -- --views 2`).
import { test } from "uvu";
import * as assert from "uvu/assert";
import { explore } from "../../simulation/model/index.ts";

const base = { views: 1, depth: 99, statesMax: 1_000_000, restarts: 0, lastHeight: 0, healEvery: 10 };

for (const byzantine of [0, 1, 2, 3]) {
  test(`one view, all interleavings, with the leader of view ${byzantine + 1} Byzantine`, () => {
    const result = explore({ ...base, byzantine });
    assert.equal(result.violation, undefined);
    assert.ok(result.complete && result.states > 500 && result.healed > 20, JSON.stringify(result));
  });
}

test("one view and one restart, with the database or without", () => {
  for (const byzantine of [1, 3]) {
    const result = explore({ ...base, byzantine, restarts: 1 });
    assert.equal(result.violation, undefined);
    assert.ok(result.complete && result.states > 4000, JSON.stringify(result));
  }
});

test("S-10: two views whose blocks are the last of their term", () => {
  const result = explore({ ...base, byzantine: 1, views: 2, lastHeight: 1, statesMax: 40_000, healEvery: 100 });
  assert.equal(result.violation, undefined);
});

test("the beginning of two views", () => {
  const result = explore({ ...base, byzantine: 1, views: 2, depth: 7, healEvery: 100 });
  assert.equal(result.violation, undefined);
  assert.ok(result.states > 10_000 && !result.complete, JSON.stringify(result));
});

test.run();
