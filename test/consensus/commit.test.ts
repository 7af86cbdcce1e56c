// S-7 and S-9: what becomes final, in which order, and what is let go; a line with a gap waits, one that passes by stops us.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { block, Core } from "../support/consensus-core.ts";

const text = (digests: readonly Uint8Array[], names: readonly string[]): readonly string[] =>
  digests.map((digest) => names.find((name) => block(name).every((byte, i) => byte === digest[i])) ?? "?");

test("S-7: a Finalization commits its block and all ancestors, oldest first, once", () => {
  const core = new Core({ seat: 3 }).start();
  core.valid("a");
  core.valid("b", { parent: block("a"), height: 2 });
  core.take(core.certificate("notarize", 1, "a", [0, 1, 2]));
  core.take(core.certificate("notarize", 2, "b", [0, 1, 2]));
  const [commit] = core.of("commit", core.take(core.certificate("finalize", 2, "b", [0, 1, 2])));
  assert.equal(text(commit?.chain ?? [], ["a", "b"]), ["a", "b"]);
  assert.is(core.state.floor.view, 2);
  assert.is(core.state.views.size, 0, "everything at or below the floor is let go");
  core.take(core.certificate("finalize", 1, "a", [0, 1, 2]));
  assert.equal(core.of("commit"), []);
});

test("S-11: a Finalization without its block is syncing, and nothing is signed until the block is executed", () => {
  const core = new Core({ seat: 3 }).start();
  core.take(core.certificate("finalize", 1, "a", [0, 1, 2]));
  assert.is(core.state.view, 2);
  core.fire("advance");
  assert.equal(core.signing(), []);
  core.valid("a");
  assert.is(core.of("commit").length, 1);
  assert.equal(core.signing(), ["nullify 2"], "the timeout that passed meanwhile is not forgotten");
});

test("S-7: an ancestor whose outcome was lost is asked for again, and is no sign of a fork", () => {
  const core = new Core({ seat: 3 }).start();
  core.valid("b", { parent: block("a"), height: 2 });
  core.take(core.certificate("finalize", 2, "b", [0, 1, 2]));
  assert.equal(core.of("commit"), []);
  assert.is(core.state.observing, undefined);
  assert.equal(
    text(
      core.of("check").map(({ digest }) => digest),
      ["a", "b"],
    ),
    ["a"],
  );
  const [commit] = core.of("commit", core.valid("a"));
  assert.equal(text(commit?.chain ?? [], ["a", "b"]), ["a", "b"]);
});

test("a Finalization beside the final chain stops this seat, and says so once", () => {
  const core = new Core({ seat: 3 }).start();
  core.valid("a");
  core.take(core.certificate("finalize", 1, "a", [0, 1, 2]));
  core.valid("x", { parent: block("w"), height: 1 });
  core.take(core.certificate("finalize", 2, "x", [0, 1, 2]));
  assert.is(core.state.observing, "conflicting-finalization");
  assert.is(core.of("observing").length, 1);
  core.fire("advance");
  assert.equal([core.signing(), core.of("observing"), core.of("commit")], [[], [], []]);
});

test("S-9: delta grows by half for a view that was nullified, and halves at a finalization, within its bounds", () => {
  const core = new Core({ seat: 3 }).start();
  const nullified = (view: number) => core.take(core.certificate("nullify", view, undefined, [0, 1, 2]));
  nullified(1);
  assert.is(core.state.deltaMs, 1500);
  nullified(2);
  assert.is(core.state.deltaMs, 2250);
  for (let view = 3; view < 30; view++) nullified(view);
  assert.is(core.state.deltaMs, 60_000);
  core.valid("a");
  core.take(core.certificate("finalize", 30, "a", [0, 1, 2]));
  assert.is(core.state.deltaMs, 30_000);
  const fresh = new Core({ seat: 3 }).start();
  fresh.valid("a");
  fresh.take(fresh.certificate("finalize", 1, "a", [0, 1, 2]));
  assert.is(fresh.state.deltaMs, 1000, "never below the start");
});

test("S-9: delta grows too for a view that was notarized after this seat had nullified it", () => {
  const core = new Core({ seat: 3 }).start();
  core.fire("advance");
  core.signAll();
  core.take(core.certificate("notarize", 1, "a", [0, 1, 2]));
  assert.equal([core.state.view, core.state.deltaMs], [2, 1500]);
  core.take(core.certificate("notarize", 2, "b", [0, 1, 2]));
  assert.equal([core.state.view, core.state.deltaMs], [3, 1500], "a view in which it did not nullify was long enough");
});

test.run();
