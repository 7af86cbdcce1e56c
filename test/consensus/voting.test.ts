// S-3 to S-6 and S-11: when a seat notarizes, nullifies and finalizes, when it never does, and that it says each thing once.
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { VoteKind } from "../../src/schema/index.ts";
import { block, Core } from "../support/consensus-core.ts";

const runs = Number(process.env.FAIRMESH_FUZZ_RUNS ?? 150);

test("S-3: a proposal is asked for only when its parent is certified and executed", () => {
  const core = new Core({ seat: 3 }).start();
  core.take(core.certificate("notarize", 1, "a", [0, 1, 2]));
  core.take(core.proposal(2, 1, "b"));
  const names = core.of("check", core.past).map(({ digest }) => (digest.join() === block("a").join() ? "a" : "b"));
  assert.equal(names, ["a"], "no line of ancestors is fetched for what no quorum vouches for");
  core.valid("a");
  assert.is(core.of("check").length, 1);
});

test("S-3: not outside its view, not twice, not after nullify", () => {
  const early = new Core({ seat: 3 }).start();
  early.valid("b");
  early.take(early.proposal(2, 0, "b"));
  assert.equal(early.signing(), []);
  early.take(early.certificate("nullify", 1, undefined, [0, 1, 2]));
  assert.equal(early.signing(), ["notarize 2"], "kept until its view is entered");
  early.take(early.proposal(2, 0, "b"));
  assert.equal(early.signing(), []);
  const late = new Core({ seat: 3 }).start();
  late.fire("advance");
  late.take(late.proposal(1, 0, "a"));
  late.valid("a");
  assert.equal(late.signing(), []);
});

test("S-3: what only its sender can be blamed for is refused for good", () => {
  const refusals: readonly [string, (core: Core) => void, string][] = [
    ["not before its view", (core) => core.take(core.proposal(1, 1, "a")), "parent-view-not-before"],
    [
      "below what is final",
      (core) => {
        core.valid("a");
        core.take(core.certificate("finalize", 1, "a", [0, 1, 2]));
        core.take(core.proposal(2, 0, "b"));
      },
      "parent-view-below-final",
    ],
    [
      "not on the block that its parent view certified",
      (core) => {
        core.take(core.proposal(1, 0, "x"));
        core.valid("x", { parent: block("elsewhere") });
      },
      "not-on-its-parent",
    ],
    [
      "of another term",
      (core) => {
        core.take(core.proposal(1, 0, "x"));
        core.valid("x", { term: 3 });
      },
      "not-on-its-parent",
    ],
  ];
  for (const [what, act, reason] of refusals) {
    const core = new Core({ seat: 3 }).start();
    act(core);
    assert.is(core.state.views.get(core.state.view)?.rejected, reason, what);
    assert.ok(
      core.signing().some((each) => each.startsWith("nullify")),
      what,
    );
  }
});

test("S-4: the propose timeout nullifies only without a proposal; the advance timeout always; once", () => {
  const core = new Core({ seat: 3 }).start();
  core.take(core.proposal(1, 0, "a"));
  assert.equal(core.signing(core.fire("propose")), []);
  assert.equal(core.signing(core.fire("advance")), ["nullify 1"]);
  core.signAll();
  assert.equal(core.signing(core.fire("advance")), []);
});

test("the nullify timer is armed again in every view and after every restart", () => {
  const core = new Core({ seat: 3 }).start();
  for (let view = 1; view <= 5; view++) {
    assert.ok(core.state.timers.propose > 0 && core.state.timers.advance > 0, `view ${view}`);
    core.fire("advance");
    assert.equal(core.signing(), [`nullify ${view}`]);
    core.signAll();
    core.take(core.certificate("nullify", view, undefined, [0, 1, 2]));
  }
  const certificate = core.certificate("nullify", 1, undefined, [0, 1, 2]);
  const again = new Core({ seat: 3, recovered: { certificates: [certificate] } }).start();
  assert.is(again.state.view, 2);
  again.fire("advance");
  assert.equal(again.signing(), ["nullify 2"]);
});

test("a timer of an earlier view, or of an earlier term, does nothing", () => {
  const core = new Core({ seat: 3 }).start();
  const old = core.state.timers.advance;
  core.take(core.certificate("nullify", 1, undefined, [0, 1, 2]));
  assert.equal(core.signing(core.input({ kind: "timer", token: old })), []);
  const next = new Core({ seat: 3, nextToken: core.state.nextToken }).start();
  for (let token = 0; token < core.state.nextToken; token++) {
    assert.equal(next.signing(next.input({ kind: "timer", token })), [], `token ${token}`);
  }
});

test("S-5: finalize comes with the notarization or with the block, whichever is later, also for views left behind", () => {
  const core = new Core({ seat: 3 }).start();
  core.take(core.certificate("notarize", 1, "a", [0, 1, 2]));
  assert.equal([core.state.view, core.signing()], [2, []]);
  core.take(core.certificate("nullify", 2, undefined, [0, 1, 2]));
  core.valid("a");
  assert.equal(core.signing(), ["finalize 1"]);
  core.signAll();
  core.valid("a");
  assert.equal(core.signing(), []);
});

test("S-1: any certificate of a view at or beyond the current one enters the view after it", () => {
  for (const kind of ["notarize", "nullify", "finalize"] as const) {
    const core = new Core({ seat: 3 }).start();
    core.take(core.certificate(kind, 7, kind === "nullify" ? undefined : "a", [0, 1, 2]));
    assert.is(core.state.view, 8, kind);
    core.take(core.certificate("nullify", 3, undefined, [0, 1, 2]));
    assert.is(core.state.view, 8, "and none leads back");
  }
});

test("whatever arrives in whatever order, a seat never signs a pair that S-13 punishes, and step never throws", () => {
  const seats = fc.constantFrom(0, 1, 2);
  const view = fc.integer({ min: 1, max: 4 });
  const name = fc.constantFrom("a", "b");
  const kind = fc.constantFrom<VoteKind>("notarize", "nullify", "finalize");
  const event = fc.oneof(
    fc.record({ what: fc.constant("vote" as const), seat: seats, kind, view, name }),
    fc.record({ what: fc.constant("certificate" as const), kind, view, name }),
    fc.record({ what: fc.constant("proposal" as const), view, parent: fc.integer({ min: 0, max: 4 }), name }),
    fc.record({
      what: fc.constant("timer" as const),
      timer: fc.constantFrom("propose" as const, "advance", "resend", "build"),
    }),
    fc.record({ what: fc.constant("valid" as const), name, height: fc.integer({ min: 1, max: 2 }) }),
    fc.record({ what: fc.constant("invalid" as const), name }),
  );
  void fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const core = new Core({ seat: 3 }).start();
      core.signAll();
      for (const each of events) {
        if (each.what === "vote")
          core.take(core.vote(each.seat, each.kind, each.view, each.kind === "nullify" ? undefined : each.name));
        if (each.what === "certificate")
          core.take(core.certificate(each.kind, each.view, each.kind === "nullify" ? undefined : each.name, [0, 1, 2]));
        if (each.what === "proposal") core.take(core.proposal(each.view, each.parent, each.name));
        if (each.what === "timer") core.fire(each.timer);
        if (each.what === "valid")
          core.valid(each.name, { height: each.height, parent: block(each.height === 1 ? "genesis" : "a") });
        if (each.what === "invalid") core.invalid(each.name);
        while (core.signing().length > 0) core.signAll();
      }
      const signed = core.signing(core.past);
      assert.is(
        new Set(signed.map((text) => text.split(" on ")[0])).size,
        signed.length,
        `twice the same kind: ${signed.join(", ")}`,
      );
      for (let at = 1; at <= 4; at++) {
        assert.not.ok(signed.includes(`nullify ${at}`) && signed.includes(`finalize ${at}`), signed.join(", "));
      }
    }),
    { numRuns: runs },
  );
});

test.run();
