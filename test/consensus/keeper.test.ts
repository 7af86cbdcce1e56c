// The vote keeper and S-13: the first vote of a kind wins, a second that differs is evidence, once, and q equal ones certify.
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { evidenceOwes, proposalsConflict, votesConflict } from "../../src/consensus/index.ts";
import { networkId } from "../../src/primitives/index.ts";
import type { VoteKind } from "../../src/schema/index.ts";
import { Core, committeeOfSize, signatureOf } from "../support/consensus-core.ts";

const network = networkId(new Uint8Array(32));
const runs = Number(process.env.FAIRMESH_FUZZ_RUNS ?? 100);

test("S-13: exactly the four pairs are faults", () => {
  const core = new Core();
  const vote = (kind: VoteKind, name?: string) => core.vote(1, kind, 5, name);
  const pairs: readonly [boolean, ReturnType<typeof vote>, ReturnType<typeof vote>][] = [
    [true, vote("notarize", "a"), vote("notarize", "b")],
    [true, vote("finalize", "a"), vote("finalize", "b")],
    [true, vote("nullify"), vote("finalize", "a")],
    [true, vote("finalize", "a"), vote("nullify")],
    [false, vote("notarize", "a"), vote("notarize", "a")],
    [false, vote("notarize", "a"), vote("nullify")],
    [false, vote("notarize", "a"), vote("finalize", "b")],
    [false, vote("nullify"), vote("nullify")],
    [false, vote("notarize", "a"), { ...vote("notarize", "a"), signature: signatureOf(1, 7) }],
  ];
  for (const [fault, a, b] of pairs) assert.is(votesConflict(a, b), fault, `${a.statement.kind} ${b.statement.kind}`);
});

test("a double-sign check is off by nothing: not the neighbouring view, another seat, another term", () => {
  const core = new Core();
  const vote = core.vote(1, "notarize", 5, "a");
  for (const view of [4, 6]) assert.not.ok(votesConflict(vote, core.vote(1, "notarize", view, "b")));
  assert.not.ok(votesConflict(vote, core.vote(2, "notarize", 5, "b")));
  const next = new Core({ committee: committeeOfSize(4, 1) });
  assert.not.ok(votesConflict(vote, next.vote(1, "notarize", 5, "b")));
  const live = new Core({ seat: 0 }).start();
  live.take(live.vote(1, "notarize", 1, "a"));
  live.take(live.vote(1, "notarize", 2, "b"));
  assert.equal(live.of("evidence", live.past), []);
  live.take(live.vote(1, "notarize", 2, "c"));
  assert.is(live.of("evidence", live.past).length, 1);
});

test("two proposals of a view that differ in block or in parent view are a fault; a second signature is none", () => {
  const core = new Core();
  assert.ok(proposalsConflict(core.proposal(2, 1, "a"), core.proposal(2, 1, "b")));
  assert.ok(proposalsConflict(core.proposal(2, 1, "a"), core.proposal(2, 0, "a")));
  assert.not.ok(proposalsConflict(core.proposal(2, 1, "a"), core.proposal(3, 1, "a")));
  assert.not.ok(
    proposalsConflict(core.proposal(2, 1, "a"), { ...core.proposal(2, 1, "a"), signature: signatureOf(1, 3) }),
  );
});

test("one fault is reported once for each seat and view, and the first vote stays", () => {
  const core = new Core({ seat: 0 }).start();
  for (const name of ["a", "b", "c"]) core.take(core.vote(1, "notarize", 1, name));
  core.take(core.vote(1, "nullify", 1));
  core.take(core.vote(1, "finalize", 1, "a"));
  assert.is(core.of("evidence", core.past).length, 1);
  core.take(core.vote(2, "notarize", 1, "b"));
  core.take(core.vote(3, "notarize", 1, "b"));
  assert.equal(core.of("persist", core.past), [], "seat 1 counts for a, so b has two votes");
});

test("votes inside a certificate are held against those that came alone", () => {
  const core = new Core({ seat: 0 }).start();
  core.take(core.vote(1, "nullify", 1));
  core.take(core.certificate("finalize", 1, "a", [1, 2, 3]));
  const [evidence] = core.of("evidence");
  assert.is(evidence?.seat, 1);
  const owed = evidenceOwes(core.committee, network, evidence?.evidence as never);
  assert.ok(owed.ok && owed.value.seat === 1 && owed.value.checks.length === 2);
});

test("evidence of no form or without a conflict names nobody", () => {
  const core = new Core();
  const [a, b] = [core.vote(1, "notarize", 1, "a"), core.vote(1, "notarize", 1, "b")];
  const code = (evidence: Parameters<typeof evidenceOwes>[2]) => {
    const owed = evidenceOwes(core.committee, network, evidence);
    return owed.ok ? "ok" : owed.error;
  };
  assert.is(code({ votes: [a, b], proposals: [] }), "ok");
  assert.is(code({ votes: [a], proposals: [] }), "form");
  assert.is(code({ votes: [], proposals: [] }), "form");
  assert.is(code({ votes: [a], proposals: [core.proposal(1, 0, "a")] }), "form");
  assert.is(code({ votes: [a, a], proposals: [] }), "no-conflict");
  const foreign = { ...b, statement: { ...b.statement, committeeRoot: new Uint8Array(32) as never } };
  assert.is(code({ votes: [a, foreign], proposals: [] }), "message");
});

test("whatever the order of votes, the same quorum certifies and the certificate holds exactly q", () => {
  const votes = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 5 });
  void fc.assert(
    fc.property(votes, fc.constantFrom<VoteKind>("notarize", "nullify", "finalize"), (seats, kind) => {
      const core = new Core({ size: 7, seat: undefined }).start();
      const name = kind === "nullify" ? undefined : "a";
      for (const [index, seat] of seats.entries()) {
        core.take(core.vote(seat, kind, 1, name));
        assert.is(core.of("persist").length, index === 4 ? 1 : 0);
      }
      const [persisted] = core.of("persist", core.past);
      assert.is(persisted?.certificate.signatures.length, 5);
    }),
    { numRuns: runs },
  );
});

test("early votes are kept up to 64 views ahead, and not beyond", () => {
  const core = new Core({ seat: 0 }).start();
  for (const seat of [1, 2, 3]) core.take(core.vote(seat, "nullify", 65));
  assert.is(core.state.view, 66);
  const far = new Core({ seat: 0 }).start();
  for (const seat of [1, 2, 3]) far.take(far.vote(seat, "nullify", 66));
  assert.equal([far.state.view, far.state.views.size], [1, 0]);
});

test.run();
