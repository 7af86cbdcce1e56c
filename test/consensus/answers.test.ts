// S-8: what is said again, to whom a certificate goes, what a status asks for and what an answer gives, all of it bounded.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { answerMessagesMax, answerTo, isNews, statusOf } from "../../src/consensus/index.ts";
import type { Status } from "../../src/schema/index.ts";
import { Core } from "../support/consensus-core.ts";

const describe = (messages: ReturnType<typeof answerTo>): readonly string[] =>
  messages.map((message) => {
    const { view } = (
      message.kind === "certificate" ? message.certificate : message.kind === "vote" ? message.vote : message.proposal
    ).statement;
    return `${message.kind} ${view}`;
  });

test("split certificates that each half lacks: a status and an answer bring them together", () => {
  const one = new Core({ seat: 0 }).start();
  const other = new Core({ seat: 1 }).start();
  one.take(one.certificate("notarize", 1, "a", [0, 2, 3].filter((seat) => seat !== 0).concat(1)));
  other.take(other.certificate("nullify", 1, undefined, [0, 2, 3]));
  assert.equal(
    describe(answerTo(one.state, statusOf(other.state), 1)).filter((text) => text.startsWith("certificate")),
    ["certificate 1"],
  );
  assert.equal(
    describe(answerTo(other.state, statusOf(one.state), 0)).filter((text) => text.startsWith("certificate")),
    ["certificate 1"],
  );
  for (const message of answerTo(other.state, statusOf(one.state), undefined)) {
    if (message.kind === "certificate") one.take(message.certificate);
  }
  assert.equal(
    answerTo(other.state, statusOf(one.state), undefined).filter(({ kind }) => kind === "certificate"),
    [],
  );
});

test("who is below our floor gets our Finalization first", () => {
  const ahead = new Core({ seat: 0 }).start();
  ahead.valid("a");
  ahead.take(ahead.certificate("finalize", 1, "a", [1, 2, 3]));
  const behind = new Core({ seat: 1 }).start();
  assert.equal(describe(answerTo(ahead.state, statusOf(behind.state), 1))[0], "certificate 1");
  assert.equal(answerTo(ahead.state, statusOf(ahead.state), 1), [], "nothing to who lacks nothing");
});

test("a lying sync height moves nobody: it is no input, and its sender only gets less", () => {
  const core = new Core({ seat: 0 }).start();
  core.valid("a");
  core.take(core.certificate("finalize", 1, "a", [1, 2, 3]));
  const lie: Status = {
    ...statusOf(core.state),
    finalizedHeight: 1_000_000,
    view: 5000,
    fromView: 4000,
    held: new Uint8Array(256).fill(7),
  };
  const before = core.state;
  assert.equal(answerTo(core.state, lie, 1), []);
  assert.is(core.state, before);
});

test("an answer is bounded, and with many views open one status after another speaks of all of them", () => {
  const holder = new Core({ seat: 0 }).start();
  const views = 700;
  for (let view = 1; view <= views; view++) holder.take(holder.certificate("nullify", view, undefined, [1, 2, 3]));
  const learner = new Core({ seat: 1 }).start();
  learner.take(learner.certificate("nullify", views, undefined, [0, 2, 3]));
  assert.ok(answerTo(holder.state, statusOf(learner.state), 1).length <= answerMessagesMax);
  for (let round = 0; round < 12; round++) {
    for (const message of answerTo(holder.state, statusOf(learner.state), 1)) {
      if (message.kind === "certificate") learner.take(message.certificate);
    }
    learner.fire("resend");
  }
  assert.is(learner.state.views.size, views);
});

test("only what may still matter is verified", () => {
  const core = new Core({ seat: 0 }).start();
  core.valid("a");
  core.take(core.certificate("finalize", 3, "a", [1, 2, 3]));
  const news = (view: number) => isNews(core.state, { kind: "vote", vote: core.vote(1, "nullify", view) });
  assert.equal([news(3), news(4), news(core.state.view + 64), news(core.state.view + 65)], [false, true, true, false]);
  core.take(core.vote(1, "nullify", 4));
  assert.is(news(4), false);
  const proposal = core.proposal(4, 3, "b");
  assert.ok(isNews(core.state, { kind: "proposal", proposal }));
  core.take(proposal);
  assert.not.ok(isNews(core.state, { kind: "proposal", proposal }));
  assert.ok(isNews(core.state, { kind: "proposal", proposal: core.proposal(4, 3, "c") }), "a second one is evidence");
});

test("S-8: own messages of every open view are said again, and the evidence by which the view was entered", () => {
  const core = new Core({ seat: 3 }).start();
  core.fire("advance");
  core.signAll();
  core.take(core.certificate("nullify", 1, undefined, [0, 1, 2]));
  core.fire("advance");
  core.signAll();
  const said = core.of("send", core.fire("resend")).map(({ message }) => message.kind);
  assert.equal(said, ["certificate", "vote", "vote"]);
  assert.is(core.of("timer").length, 1, "and again later");
});

test("a certificate goes to everyone in a small committee, else to the next leader and nine successors, never back", () => {
  const relayed = (size: number, seat: number, fromSeat?: number) => {
    const core = new Core({ size, seat }).start();
    const quorum = Array.from({ length: core.committee.quorum }, (_, index) => index).filter((each) => each !== seat);
    core.take(
      core.certificate("nullify", 1, undefined, [...quorum, core.committee.quorum].slice(0, core.committee.quorum)),
      fromSeat,
    );
    return core.of("send").flatMap(({ to }) => (typeof to === "string" ? [] : to));
  };
  assert.equal(relayed(4, 3), [0, 1, 2]);
  assert.equal(relayed(4, 3, 1), [0, 2]);
  const large = relayed(64, 63);
  assert.ok(large.length >= 9 && large.length <= 10 && !large.includes(63), large.join());
});

test("a seat alone, or with one other, asks nobody too many", () => {
  const alone = new Core({ size: 1, seat: 0 }).start();
  assert.equal(
    alone.of("ask").map(({ to }) => to),
    [[]],
  );
  const two = new Core({ size: 2, seat: 0 }).start();
  assert.equal(
    two.of("ask").map(({ to }) => to),
    [[1]],
  );
});

test.run();
