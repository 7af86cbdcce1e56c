// A voting process on a real database and guard, killed ten times in the middle of votes (kill-while-voting.slow.ts: 200 times).
import { test } from "uvu";
import * as assert from "uvu/assert";
import { KillWhileVoting } from "../support/kill-while-voting.ts";

test("S-14: ten kills lose no vote that was sent, and nothing is signed twice", async () => {
  const report = await new KillWhileVoting().run(10);
  assert.equal(report.problems, []);
  assert.ok(report.said >= 10, JSON.stringify(report));
});

test.run();
