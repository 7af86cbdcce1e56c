// The faults that other systems had, and the stalls that models found when the rules are read loosely (protocol, section 2),
// each by its name there. Some are shown on the core, some with the real driver in the simulator.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { plantedBugs } from "../../simulation/planted/index.ts";
import { loadScenario } from "../../simulation/scenario.ts";
import { runWorld } from "../../simulation/world.ts";
import { statusOf, voteOwes } from "../../src/consensus/index.ts";
import { networkId } from "../../src/primitives/index.ts";
import { block, Core, committeeOfSize } from "../support/consensus-core.ts";

const network = networkId(new Uint8Array(32));

test("stall (a), certificates only in memory: the seat that alone held one still has it after a crash", async () => {
  const scenario = loadScenario("stall-a");
  for (const seed of [3, 10, 24]) {
    const { violations, byzantine } = await runWorld({ scenario, seed });
    assert.equal(violations, [], `seed ${seed}, ${byzantine.join()}`);
  }
  assert.ok(
    plantedBugs.some(({ name }) => name === "certificates-in-memory"),
    "and the simulator sees when it has not",
  );
});

test("stall (b), bodies not fetched or held only in memory: power cuts take nothing that was voted for", async () => {
  const scenario = loadScenario("stall");
  for (const seed of [1, 2]) assert.equal((await runWorld({ scenario, seed })).violations, []);
  const core = new Core({ seat: 3 }).start();
  core.take(core.certificate("notarize", 1, "a", [0, 1, 2]));
  assert.equal(
    core.of("check").map(({ digest, notarized }) => [digest, notarized]),
    [[block("a"), true]],
  );
  core.fire("resend");
  assert.is(core.of("check").length, 1, "a body that could not be had is asked for again");
});

test("votes forgotten over a restart: a lock alone binds, whichever memory it is from", () => {
  const lock = { view: 1, kind: "notarize", digest: block("a") } as const;
  const core = new Core({ seat: 3, recovered: { locks: [lock] } }).start();
  core.take(core.proposal(1, 0, "b"));
  core.valid("b");
  assert.equal(core.signing(core.past), []);
  const finalized = new Core({ seat: 3, recovered: { locks: [{ ...lock, kind: "finalize" }] } }).start();
  finalized.fire("advance");
  assert.equal(finalized.signing(finalized.past), [], "never nullify after finalize (S-4)");
  const nullified = new Core({
    seat: 3,
    recovered: { locks: [{ view: 1, kind: "nullify", digest: block("a") }] },
  }).start();
  nullified.valid("a");
  nullified.take(nullified.certificate("notarize", 1, "a", [0, 1, 2]));
  assert.equal(nullified.signing(nullified.past), [], "never finalize after nullify (S-5)");
  const signed = new Core({ seat: 3 });
  const vote = signed.vote(3, "notarize", 1, "a");
  const again = new Core({ seat: 3, recovered: { votes: [vote] } }).start();
  assert.equal(
    again.of("send").map(({ message }) => message),
    [{ kind: "vote", vote }],
    "said again, byte for byte",
  );
});

test("old-term votes replayed in a new term owe nothing: their form is wrong already", () => {
  const [old, now] = [new Core({ committee: committeeOfSize(4, 0) }), committeeOfSize(4, 1)];
  assert.equal(voteOwes(now, network, old.vote(1, "nullify", 1)), { ok: false, error: "term" });
  const relabelled = { ...old.vote(1, "nullify", 1), statement: { ...old.vote(1, "nullify", 1).statement, term: 1 } };
  assert.equal(voteOwes(now, network, relabelled), { ok: false, error: "committee" });
});

test("time is taken from nothing unverified: what a proposal says of its time reaches no timer and no timeout", () => {
  const core = new Core({ seat: 3 }).start();
  const timers = core.state.timers;
  core.take(core.proposal(1, 0, "a"));
  core.valid("a", { timestampMs: 10 ** 12 });
  assert.is(core.state.timers, timers);
  assert.is(core.state.deltaMs, 1000);
});

test("a lying sync height: a status is answered and is never an input", () => {
  const core = new Core({ seat: 3 }).start();
  const status = statusOf(core.state);
  assert.equal([status.finalizedHeight, status.fromView], [0, 1]);
  core.take(core.certificate("finalize", 9, "z", [0, 1, 2]));
  assert.is(
    statusOf(core.state).finalizedHeight,
    0,
    "not even a finalization is a height before its block is executed",
  );
});

test.run();
