// The attacks of this folder, each for twenty seconds instead of one.
import "../../support/long-attacks.ts";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { attackMs } from "../../support/arena.ts";
import "./dht.test.ts";
import "./gossip.test.ts";
import "./streams.test.ts";

test("each attack lasts long", () => {
  assert.ok(attackMs >= 10_000);
});

test.run();
