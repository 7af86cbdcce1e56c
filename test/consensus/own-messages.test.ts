// S-14, the last defence: whoever meets a vote or proposal of its own that it does not know stops voting for good.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { answerTo, isNews, statusOf } from "../../src/consensus/index.ts";
import { Core } from "../support/consensus-core.ts";

test("S-14: an own vote that no memory knows ends voting, also while peers are still being asked", () => {
  for (const observing of [undefined, "asking-for-own-votes"]) {
    const core = new Core({ seat: 0, ...(observing === undefined ? {} : { observing }) }).start();
    core.take(core.vote(0, "notarize", 1, "other"));
    assert.is(core.state.observing, "own-vote-unknown");
    assert.equal(core.of("observing").length, 1);
    core.fire("advance");
    assert.equal(core.signing(), [], "nothing is signed any more");
  }
});

test("S-14: the same holds for an own vote inside a certificate, and far ahead", () => {
  const inside = new Core({ seat: 0 }).start();
  inside.take(inside.certificate("notarize", 1, "a", [0, 1, 2]));
  assert.is(inside.state.observing, "own-vote-unknown");
  const ahead = new Core({ seat: 0 }).start();
  const vote = ahead.vote(0, "nullify", 1000);
  assert.ok(isNews(ahead.state, { kind: "vote", vote }), "it is verified however far ahead it is");
  ahead.take(vote);
  assert.is(ahead.state.observing, "own-vote-unknown");
});

test("S-14: an own proposal that no memory knows ends voting", () => {
  const core = new Core({ seat: 0 }).start();
  core.take(core.proposal(1, 0, "forgotten"));
  assert.is(core.state.observing, "own-proposal-unknown");
  assert.not.ok(core.signing(core.past).some((what) => what.startsWith("notarize")));
});

test("own messages that are known, or at or below the floor, are nothing to stop for", () => {
  const core = new Core({ seat: 3 }).start();
  core.fire("advance");
  core.signAll();
  core.take(core.vote(3, "nullify", 1));
  core.take(core.certificate("nullify", 1, undefined, [1, 2, 3]));
  core.take(core.vote(3, "notarize", 0, "below"));
  assert.is(core.state.observing, undefined);
});

test("S-14: who answers a status gives the asker's own votes and proposals of every open view", () => {
  const peer = new Core({ seat: 1 }).start();
  peer.take(peer.proposal(1, 0, "a"));
  peer.take(peer.vote(0, "notarize", 1, "a"));
  peer.take(peer.certificate("nullify", 1, undefined, [1, 2, 3].filter((seat) => seat !== 1).concat(0)));
  const forgetful = new Core({ seat: 0 }).start();
  const kinds = answerTo(peer.state, { ...statusOf(forgetful.state), view: 9 }, 0).map((message) => message.kind);
  assert.equal(kinds.filter((kind) => kind === "proposal").length, 1);
  assert.ok(kinds.filter((kind) => kind === "vote").length >= 2, "notarize, and the nullify inside the certificate");
});

test("S-14: a seat that waits for its own votes asks everyone at its start, not three", () => {
  const asked = (observing?: string) => {
    const core = new Core({ size: 10, seat: 4, ...(observing === undefined ? {} : { observing }) }).start();
    return core.of("ask").flatMap(({ to }) => (to === "anyone" ? [] : to));
  };
  assert.equal([...asked("asking-for-own-votes")].sort(), [0, 1, 2, 3, 5, 6, 7, 8, 9]);
  assert.is(asked().length, 3);
});

test.run();
