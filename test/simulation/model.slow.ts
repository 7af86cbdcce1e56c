// The small model, long: all interleavings of two views where they are few enough, and half a million states elsewhere.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { explore } from "../../simulation/model/index.ts";

for (const byzantine of [0, 1, 2, 3]) {
  test(`two views, with the leader of view ${byzantine + 1} Byzantine`, () => {
    const result = explore({
      byzantine,
      views: 2,
      depth: 99,
      statesMax: byzantine === 1 ? 1_000_000 : 2_000_000,
      restarts: 0,
      lastHeight: 0,
      healEvery: 100,
    });
    assert.equal(result.violation, undefined);
    assert.ok(result.complete || byzantine === 1, JSON.stringify(result));
  });
}

test.run();
