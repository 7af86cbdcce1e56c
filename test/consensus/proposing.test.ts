// S-2, S-10, L-2: when and on what a leader proposes, that it does so once, and what a restart makes of it.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { proposalStatementCodec } from "../../src/schema/index.ts";
import { block, Core, factsOf, genesis } from "../support/consensus-core.ts";

const floorAt = (timestampMs: number) => ({
  view: 0,
  facts: { ...genesis, timestampMs },
  finalization: undefined,
});

test("L-2: a leader waits for the block interval after its parent, and not longer", () => {
  const core = new Core({ seat: 0, floor: floorAt(800) });
  core.nowMs = 1000;
  core.start();
  assert.equal(core.of("build"), []);
  assert.equal(
    core
      .of("timer")
      .filter(({ token }) => token === core.state.timers.build)
      .map(({ atMs }) => atMs),
    [1300],
  );
  core.nowMs = 1300;
  core.fire("build");
  assert.is(core.of("build").length, 1);
  core.fire("resend");
  assert.equal(core.of("build"), [], "asked for once");
});

test("S-2: a leader proposes once, stores first, and votes only after its own check (S-15)", () => {
  const core = new Core({ seat: 0 }).start();
  const built = { kind: "built", view: 1, facts: factsOf("a") } as const;
  core.input(built);
  assert.equal(core.signing(), ["propose 1 on 0"]);
  assert.equal(core.of("send"), [], "nothing leaves before it is signed and stored");
  core.signAll();
  assert.equal(
    core.of("send").map(({ message }) => message.kind),
    ["proposal"],
  );
  assert.equal(core.signing(), [], "not notarized before it was checked like anyone's");
  core.input({ ...built, facts: factsOf("b") });
  assert.equal(core.signing(), [], "a second block of the view is forgotten");
  core.valid("a");
  assert.equal(core.signing(), ["notarize 1"]);
});

test("S-15: a leader whose own block is invalid nullifies, and never votes for it", () => {
  const core = new Core({ seat: 0 }).start();
  core.input({ kind: "built", view: 1, facts: factsOf("a") });
  core.signAll();
  core.invalid("a");
  assert.equal(core.signing(), ["nullify 1"]);
});

test("S-2: the highest certified parent is taken, with a nullification of every view between", () => {
  const core = new Core({ seat: 2 }).start();
  core.valid("a");
  core.take(core.certificate("notarize", 1, "a", [0, 1, 3]));
  core.signAll();
  core.take(core.certificate("nullify", 2, undefined, [0, 1, 3]));
  const [build] = core.of("build");
  assert.equal(build?.parent, block("a"));
  core.input({ kind: "built", view: 3, facts: factsOf("c", { parent: block("a"), height: 2 }) });
  assert.equal(core.signing(), ["propose 3 on 1"]);
});

test("S-2: a leader that lacks a certificate asks for it and proposes nothing meanwhile", () => {
  const core = new Core({ seat: 2 }).start();
  core.take(core.certificate("nullify", 2, undefined, [0, 1, 3]));
  assert.is(core.state.view, 3);
  assert.equal([core.of("build"), core.of("ask").length], [[], 1]);
  core.take(core.certificate("nullify", 1, undefined, [0, 1, 3]));
  assert.is(core.of("build").length, 1);
});

test("a block built on what is no longer the best parent is built again, nothing having been signed", () => {
  const core = new Core({ seat: 2 }).start();
  core.take(core.certificate("nullify", 1, undefined, [0, 1, 3]));
  core.take(core.certificate("nullify", 2, undefined, [0, 1, 3]));
  assert.is(core.of("build").length, 1);
  core.valid("b");
  core.take(core.certificate("notarize", 2, "b", [0, 1, 3]));
  core.input({ kind: "built", view: 3, facts: factsOf("c") });
  assert.equal(core.signing(), []);
  assert.equal(
    core.of("build").map(({ parent }) => parent),
    [block("b")],
  );
});

test("a leader that nullified its view proposes nothing in it", () => {
  const core = new Core({ seat: 0, floor: floorAt(5000) }).start();
  core.fire("propose");
  core.signAll();
  core.nowMs = 6000;
  core.fire("build");
  assert.equal(core.of("build"), []);
});

test("the proposer rebuilding after a restart: the same proposal is said again, or nothing", () => {
  const before = new Core({ seat: 0 });
  const proposal = before.proposal(1, 0, "a");
  const digest = proposalStatementCodec.root(proposal.statement);
  const again = new Core({
    seat: 0,
    recovered: { proposals: [proposal], locks: [{ view: 1, kind: "propose", digest }] },
  }).start();
  assert.equal(again.of("build"), []);
  assert.equal(
    again.of("send").map(({ message }) => message.kind === "proposal" && message.proposal.statement),
    [proposal.statement],
  );
  const lost = new Core({ seat: 0, recovered: { locks: [{ view: 1, kind: "propose", digest }] } }).start();
  lost.input({ kind: "built", view: 1, facts: factsOf("b") });
  assert.equal([lost.of("build", lost.past), lost.signing(lost.past), lost.of("send", lost.past)], [[], [], []]);
});

test("S-10: on a term's last block only its own bytes may stand", () => {
  const core = new Core({ seat: 3 }).start();
  core.valid("a", { lastOfTerm: true });
  core.take(core.certificate("notarize", 1, "a", [0, 1, 2]));
  core.signAll();
  core.take(core.proposal(2, 1, "b"));
  core.valid("b", { parent: block("a"), height: 2, term: 1 });
  assert.equal(core.signing(), ["nullify 2"]);
  const good = new Core({ seat: 3 }).start();
  good.valid("a", { lastOfTerm: true });
  good.take(good.certificate("notarize", 1, "a", [0, 1, 2]));
  good.signAll();
  good.take(good.proposal(2, 1, "a"));
  assert.equal(good.signing(), ["notarize 2"]);
});

test.run();
