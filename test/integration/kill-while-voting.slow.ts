// The same 200 times, some minutes: `npm test -- --slow kill-while-voting --timeout-ms 1800000`. Prints what was seen.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { KillWhileVoting } from "../support/kill-while-voting.ts";

test("S-14: 200 kills lose no vote that was sent, and nothing is signed twice", async () => {
  const report = await new KillWhileVoting().run(200);
  console.log(JSON.stringify(report));
  assert.equal(report.problems, []);
  assert.ok(report.said >= 200, JSON.stringify(report));
});

test.run();
