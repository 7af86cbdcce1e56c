// What the handshake asks of the ledger (I-3, I-7): which keys stand for an account, which epoch it can be by now, and whether
// this node can lack a key that is in force: only when its last block is older than an epoch.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bindingView } from "../../src/node/binding-view.ts";
import { equalBytes } from "../../src/primitives/index.ts";
import { networkView } from "../../src/runtime/whole/index.ts";
import { quickSigner, TestChain, type TestOperator } from "../support/test-chain.ts";

test("a rotated key is known a whole epoch before it signs; who is less than an epoch behind lacks none", async () => {
  const withdrawal = quickSigner("cold");
  const chain = await TestChain.create({ withdrawal: () => withdrawal, accounts: [withdrawal.accountId] });
  const [first] = chain.operators as readonly [TestOperator];
  let nowMs = chain.app.tip().facts.timestampMs;
  const view = bindingView(chain.app, { nowMs: () => nowMs });
  const epochMs = chain.parameters.epochBlocks * chain.parameters.blockIntervalMs;
  assert.equal([view.epoch(), view.latestEpoch(), view.mayLackKeys()], [0, 0, false]);
  const next = quickSigner("rotated");
  const rotate = { operator: first.account, publicKey: next.publicKey };
  assert.is(await chain.send(withdrawal, { kind: "rotateKey", value: rotate }), undefined);
  await chain.block();
  const knows = (id: Uint8Array) => view.keyIds(first.account).some((one) => equalBytes(one, id));
  const { nextKeyEpoch } = chain.app.queries.account(first.account) as { readonly nextKeyEpoch: number };
  assert.ok(nextKeyEpoch >= 2);
  assert.ok(knows(first.account) && knows(next.accountId), "both, as long as the old one signs");
  const [, second] = chain.operators as readonly TestOperator[];
  const gossip = networkView(chain.app, { nowMs: () => nowMs });
  const unsure = () => [first, second].map((one) => gossip.mayHaveOtherKey((one as TestOperator).account));
  assert.equal(unsure(), [true, false], "of a rotated key peers that are behind know nothing");
  nowMs = chain.app.tip().facts.timestampMs + epochMs;
  assert.equal([view.latestEpoch(), view.mayLackKeys()], [1, false]);
  nowMs += 1;
  assert.equal([view.latestEpoch(), view.mayLackKeys()], [2, true]);
  assert.equal(unsure(), [true, true], "who is behind may know nothing of any");
  nowMs += 5_000 * epochMs;
  assert.ok(view.latestEpoch() >= 5_001, "a binding that is made now lasts from now on");
});

test.run();
