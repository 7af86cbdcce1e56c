// Certificates and committees: quorums, canonical bitmaps, the order of signatures, and that form is judged before signatures.
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  assembleCertificate,
  certificateOwes,
  certificateSigners,
  certificateVotes,
  committeeOf,
  faultsOf,
  leaderOf,
  proposalOwes,
  seatOf,
  voteOwes,
} from "../../src/consensus/index.ts";
import { accountId, bitmapOf, digest, networkId } from "../../src/primitives/index.ts";
import type { Certificate } from "../../src/schema/index.ts";
import { block, Core, committeeOfSize } from "../support/consensus-core.ts";

const network = networkId(new Uint8Array(32));
const runs = Number(process.env.FAIRMESH_FUZZ_RUNS ?? 200);

test("any two quorums share an honest seat, for every size", () => {
  for (let size = 1; size <= 64; size++) {
    const { quorum, faultsMax } = committeeOfSize(size);
    assert.is(faultsMax, faultsOf(size));
    assert.is(quorum, size - faultsMax);
    assert.ok(2 * quorum - size >= faultsMax + 1, `size ${size}`);
    assert.ok(size >= 3 * faultsMax + 1);
  }
});

test("S-12: leaders are a permutation of the seats that the beacon draws, taken in turn", () => {
  const drawn = (name: string) => {
    const { seats } = committeeOfSize(64);
    return committeeOf({ term: 0, seats: [...seats] }, block("root"), block(name));
  };
  const one = drawn("one");
  assert.equal(
    one.leaders.toSorted((a, b) => a - b),
    Array.from({ length: 64 }, (_, seat) => seat),
  );
  assert.equal(one.leaders, drawn("one").leaders);
  assert.not.equal(one.leaders, drawn("two").leaders);
  for (const view of [1, 64, 65, 129]) assert.is(leaderOf(one, view), one.leaders[(view - 1) % 64]);
});

test("a committee has from 1 to 64 seats, and knows its operators", () => {
  const { seats } = committeeOfSize(4);
  assert.throws(() => committeeOf({ term: 0, seats: [] }, block("r"), block("b")), /1 to 64/);
  const many = Array.from({ length: 65 }, () => seats[0] as (typeof seats)[number]);
  assert.throws(() => committeeOf({ term: 0, seats: many }, block("r"), block("b")), /1 to 64/);
  const committee = committeeOfSize(4);
  assert.is(seatOf(committee, accountId(new Uint8Array(32).fill(3))), 2);
  assert.is(seatOf(committee, accountId(new Uint8Array(32).fill(99))), undefined);
});

test("assembly takes q votes and no more, signatures in the order of the seats, whatever came first", () => {
  void fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.array(fc.nat()), (size, keys) => {
      const core = new Core({ size, seat: undefined });
      const { quorum } = core.committee;
      const order = Array.from({ length: size }, (_, seat) => seat).sort((a, b) => (keys[a] ?? a) - (keys[b] ?? b));
      const seats = order.slice(0, Math.max(quorum, size - (keys.length % (size - quorum + 1))));
      const certificate = assembleCertificate(
        core.committee,
        seats.map((seat) => core.vote(seat, "notarize", 1, "a")),
      );
      const expected = [...seats].sort((a, b) => a - b).slice(0, quorum);
      const signers = certificateSigners(core.committee, certificate);
      assert.equal(signers, { ok: true, value: expected });
      assert.equal(
        certificate.signatures.map((signature) => (signature[0] as number) - 1),
        expected,
      );
      assert.equal(
        certificateVotes(core.committee, certificate).map(({ seat }) => seat),
        expected,
      );
    }),
    { numRuns: runs },
  );
});

test("a damaged certificate is refused by its form, before any signature is looked at", () => {
  const core = new Core({ size: 4 });
  const good = core.certificate("notarize", 1, "a", [0, 1, 2]);
  const [first] = good.signatures;
  assert.ok(first);
  const broken: readonly [string, Certificate][] = [
    ["term", { ...good, statement: { ...good.statement, term: 1 } }],
    ["committee", { ...good, statement: { ...good.statement, committeeRoot: block("other") } }],
    ["view", { ...good, statement: { ...good.statement, view: 0 } }],
    ["kind", { ...good, statement: { ...good.statement, kind: 3 } }],
    ["digest", { ...good, statement: { ...good.statement, kind: 1 } }],
    ["digest", { ...good, statement: { ...good.statement, digest: digest(new Uint8Array(32)) } }],
    ["bitmap-length", { ...good, signers: Uint8Array.of(7, 0) }],
    ["bitmap-length", { ...good, signers: new Uint8Array() }],
    ["bitmap-range", { ...good, signers: Uint8Array.of(0b1_0011) }],
    ["quorum", { ...good, signers: bitmapOf([0, 1], 4), signatures: good.signatures.slice(0, 2) }],
    ["quorum", { ...good, signers: bitmapOf([0, 1, 2, 3], 4), signatures: [...good.signatures, first] }],
    ["signatures", { ...good, signatures: good.signatures.slice(0, 2) }],
    ["signatures", { ...good, signatures: [...good.signatures, first] }],
  ];
  for (const [code, certificate] of broken) {
    assert.equal(certificateOwes(core.committee, network, certificate), { ok: false, error: code }, code);
  }
  const owed = certificateOwes(core.committee, network, good);
  assert.ok(owed.ok && owed.value.length === 3);
});

test("indices are checked before they are used: a seat beyond the committee owes nothing and throws nothing", () => {
  const core = new Core({ size: 4 });
  const vote = { ...core.vote(0, "notarize", 1, "a"), seat: 4 };
  assert.equal(voteOwes(core.committee, network, vote), { ok: false, error: "seat" });
  assert.equal(voteOwes(core.committee, network, { ...vote, seat: 65_535 }), { ok: false, error: "seat" });
  const proposal = { ...core.proposal(1, 0, "a"), seat: 9 };
  assert.equal(proposalOwes(core.committee, network, proposal), { ok: false, error: "leader" });
  const other = { ...core.proposal(1, 0, "a"), seat: 1 };
  assert.equal(proposalOwes(core.committee, network, other), { ok: false, error: "leader" }, "only the view's leader");
});

test.run();
