// A node that catches up is told from one whose clock is off, although both see late blocks; and from one at the tip.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BlockPace } from "../../src/node/block-pace.ts";

const intervalMs = 500;

/** Twenty blocks made every half second; each commit by its own block's time. */
function paceOf(commitOf: (index: number) => number) {
  const pace = new BlockPace(5_000);
  for (let i = 0; i < 20; i++) pace.note({ timestampMs: i * intervalMs, committedMs: commitOf(i) });
  return { pace, lastMs: commitOf(19) };
}

test("late blocks that come faster than they were made are caught up with", () => {
  const { pace, lastMs } = paceOf((i) => 60_000 + i * 10);
  assert.ok(pace.catchingUp(lastMs));
  assert.not(pace.catchingUp(lastMs + 60_000), "none came for long: it waits");
});

test("half as fast again is the edge", () => {
  const at = (gapMs: number): boolean => {
    const { pace, lastMs } = paceOf((i) => 60_000 + i * gapMs);
    return pace.catchingUp(lastMs);
  };
  assert.equal([at(intervalMs / 1.5 - 1), at(intervalMs / 1.5 + 1)], [true, false]);
});

test("late blocks at their own pace are a clock's fault, also in small bursts", () => {
  const steady = paceOf((i) => 60_000 + i * intervalMs);
  assert.equal([steady.pace.catchingUp(steady.lastMs), steady.pace.ageMs()], [false, 60_000]);
  const bursts = paceOf((i) => 60_000 + Math.ceil(i / 4) * 4 * intervalMs);
  assert.not(bursts.pace.catchingUp(bursts.lastMs));
});

test("blocks that are young are the tip, however fast they come", () => {
  const { pace, lastMs } = paceOf((i) => 10_000 + i);
  assert.not(pace.catchingUp(lastMs));
  assert.is(new BlockPace(5_000).catchingUp(0), false);
});

test.run();
