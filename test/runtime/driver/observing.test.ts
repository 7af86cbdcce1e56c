// S-14: when a seat that lost its memory may vote again, and the queue that never loses what this node began itself.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { timingOf } from "../../../src/consensus/index.ts";
import { asking, reasonAfterTerm, reasonToObserve } from "../../../src/runtime/driver/observing.ts";
import { SerialQueue } from "../../../src/runtime/driver/serial-queue.ts";

const timing = timingOf(500, 1000);
const guard = (state: "sound" | "damaged", keeps = true) => ({ state, keeps: () => keeps });

test("what is wrong with the memories goes before what was known already", () => {
  const reason = (state: "sound" | "damaged", keeps: boolean, damage?: string) =>
    reasonToObserve(guard(state, keeps), 1, { damage, before: asking });
  assert.is(reason("sound", true), asking);
  assert.is(reason("sound", true, "guard-lacks-a-signature"), "guard-lacks-a-signature");
  assert.is(reason("sound", false), "guard-does-not-keep-this-term");
  assert.is(reason("damaged", false), "guard-damaged");
});

test("a seat votes again only after a term that ended more than two drifts after its start", () => {
  const after = (lastBlockMs: number, reason: string | undefined) =>
    reasonAfterTerm(reason, { lastBlockMs, startedMs: 10_000 }, timing);
  const margin = 2 * timing.driftMs;
  assert.equal(after(10_000 + margin, "guard-damaged"), { reason: "guard-damaged", mended: false });
  assert.equal(after(10_001 + margin, "guard-damaged"), { reason: undefined, mended: true });
  for (const before of [asking, "guard-does-not-keep-this-term", undefined])
    assert.equal(after(0, before), { reason: asking, mended: false }, "in the next term it may have voted too");
});

test("a full queue refuses what peers cause and still takes what this node began", async () => {
  const done: string[] = [];
  let release: () => void = () => {};
  const queue = new SerialQueue(2, () => {});
  queue.push(
    () =>
      new Promise((resolve) => {
        release = resolve;
      }),
    "peer",
  );
  const task = (name: string) => async () => void done.push(name);
  assert.equal(
    [queue.push(task("a"), "peer"), queue.push(task("b"), "peer"), queue.push(task("c"), "peer")],
    [true, true, false],
  );
  assert.equal(
    [queue.push(task("timer"), "own"), queue.push(task("check"), "own"), queue.push(task("x"), "own")],
    [true, true, false],
  );
  release();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(done, ["a", "b", "timer", "check"]);
});

test("a task that throws ends the queue, and is told once", async () => {
  const failures: unknown[] = [];
  const queue = new SerialQueue(4, (error) => failures.push(error));
  queue.push(async () => {
    throw new Error("disk");
  }, "own");
  queue.push(async () => void failures.push("ran"), "own");
  await queue.close();
  assert.equal(failures.map(String), ["Error: disk"]);
  assert.is(
    queue.push(async () => {}, "own"),
    false,
  );
});

test.run();
