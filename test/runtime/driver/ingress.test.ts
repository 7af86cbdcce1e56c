// Frames on their way to the core: cheapest checks first, the signature last, nothing taken from what is not verified.
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SignatureCheck } from "../../../src/crypto/index.ts";
import { accountId, networkId } from "../../../src/primitives/index.ts";
import { type Admitted, Ingress } from "../../../src/runtime/driver/ingress.ts";
import { limits } from "../../../src/runtime/driver/wire.ts";
import { type ConsensusMessage, encodeConsensusMessage } from "../../../src/schema/index.ts";
import { Core, committeeOfSize } from "../../support/consensus-core.ts";

const from = accountId(new Uint8Array(32).fill(2));
const body = new Uint8Array(10);

function ingressOf(core: Core, verify: (check: SignatureCheck) => boolean | Promise<boolean> = () => true) {
  const seen = { verified: 0, admitted: [] as Admitted[], faults: [] as string[], drops: [] as string[], ahead: 0 };
  const ingress = new Ingress({
    verifier: {
      name: "simulated",
      async verify(check) {
        seen.verified += 1;
        return verify(check);
      },
    },
    networkId: networkId(new Uint8Array(32)),
    state: () => core.state,
    admit: (message) => seen.admitted.push(message) > 0,
    onAhead: () => {
      seen.ahead += 1;
    },
    onPeerFault: (_, code) => seen.faults.push(code),
    onDrop: (reason) => seen.drops.push(reason),
  });
  const receive = (message: ConsensusMessage) => ingress.receive(encodeConsensusMessage(message), from);
  return { ingress, seen, receive };
}

test("what is malformed, of another committee, of no leader or no news costs no verification", async () => {
  const core = new Core({ seat: 0 }).start();
  const { ingress, seen, receive } = ingressOf(core);
  assert.is(await ingress.receive(Uint8Array.of(9, 1, 2), from), "reject");
  assert.is(await ingress.receive(new Uint8Array(), from), "reject");
  const good = core.certificate("notarize", 1, "a", [1, 2, 3]);
  assert.is(await receive({ kind: "certificate", certificate: { ...good, signers: Uint8Array.of(0xf1) } }), "reject");
  assert.is(await receive({ kind: "proposal", proposal: { ...core.proposal(1, 0, "a"), seat: 2 }, body }), "reject");
  const foreign = new Core({ committee: { ...committeeOfSize(4), root: new Uint8Array(32) as never } });
  assert.is(await receive({ kind: "vote", vote: foreign.vote(1, "nullify", 1) }), "reject");
  assert.is(await receive({ kind: "vote", vote: core.vote(1, "nullify", 5000) }), "ignore");
  core.take(core.vote(1, "nullify", 1));
  assert.is(await receive({ kind: "vote", vote: core.vote(1, "nullify", 1) }), "ignore");
  assert.equal([seen.verified, seen.admitted.length], [0, 0]);
  assert.equal(seen.faults, ["malformed", "malformed", "bitmap-range", "leader", "committee"]);
});

test("a wrong signature is its sender's fault, and nothing of the message is kept: not its block, not its time", async () => {
  const core = new Core({ seat: 0 }).start();
  const before = core.state;
  const { seen, receive } = ingressOf(core, () => false);
  assert.is(await receive({ kind: "proposal", proposal: core.proposal(1, 0, "a"), body }), "reject");
  assert.is(await receive({ kind: "vote", vote: core.vote(1, "notarize", 1, "a") }), "reject");
  assert.is(
    await receive({ kind: "certificate", certificate: core.certificate("notarize", 1, "a", [1, 2, 3]) }),
    "reject",
  );
  assert.equal(seen.admitted, []);
  assert.equal(seen.faults, ["signature", "signature", "signature"]);
  assert.is(core.state, before);
});

test("one wrong signature of three spoils a certificate, and a signature known from a vote is not verified again", async () => {
  const core = new Core({ seat: 0 }).start();
  const certificate = core.certificate("notarize", 1, "a", [1, 2, 3]);
  const bad = ingressOf(core, ({ publicKey }) => publicKey[0] !== 4);
  assert.is(await bad.receive({ kind: "certificate", certificate }), "reject");
  core.take(core.vote(1, "notarize", 1, "a"));
  const good = ingressOf(core);
  assert.is(await good.receive({ kind: "certificate", certificate }), "accept");
  assert.equal([good.seen.verified, good.seen.admitted.length], [2, 1]);
});

test("old-term frames are ignored, next-term ones kept within their bound, and a later term is asked about", async () => {
  const core = new Core({ committee: committeeOfSize(4, 1), seat: 0 }).start();
  const { ingress, seen, receive } = ingressOf(core);
  const of = (term: number) => new Core({ committee: committeeOfSize(4, term) });
  assert.is(await receive({ kind: "vote", vote: of(0).vote(1, "nullify", 1) }), "ignore");
  for (let index = 0; index <= limits.earlyFramesMax; index++) {
    await receive({ kind: "vote", vote: of(2).vote(1, "nullify", 1 + index) });
  }
  await receive({ kind: "vote", vote: of(3).vote(1, "nullify", 1) });
  assert.equal([seen.verified, seen.admitted.length, seen.drops], [0, 0, ["early"]]);
  assert.is(seen.ahead, limits.earlyFramesMax + 2);
  assert.is(ingress.takeEarly().length, limits.earlyFramesMax);
  assert.is(ingress.takeEarly().length, 0);
});

test("one account has only so many messages in verification", async () => {
  const core = new Core({ seat: 0 }).start();
  let release: (good: boolean) => void = () => {};
  const gate = new Promise<boolean>((resolve) => {
    release = resolve;
  });
  const { seen, receive } = ingressOf(core, () => gate);
  const votes = Array.from({ length: limits.verifyingPerAccountMax + 3 }, (_, index) =>
    receive({ kind: "vote", vote: core.vote(1, "nullify", 1 + (index % 60)) }),
  );
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(seen.drops, ["verifying", "verifying", "verifying"]);
  release(true);
  await Promise.all(votes);
  assert.is(seen.admitted.length, limits.verifyingPerAccountMax);
});

test.run();
