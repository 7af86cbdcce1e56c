// Transactions that promise much and never pay: behind a gap, before or after their time, behind one that fails. None of them
// keeps another's out of the mempool, nor out of a block.
import "../../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { fair, grains } from "../../../src/primitives/index.ts";
import { bodyOf, type TransactionBody } from "../../../src/schema/index.ts";
import { quickSigner, TestChain, type TestOperator } from "../../support/test-chain.ts";

const sink = quickSigner("sink").accountId;
const give: TransactionBody = { kind: "transfer", value: { to: sink, amount: grains(1n) } };
const commit = (epoch: number): TransactionBody => ({
  kind: "reportCommit",
  value: { epoch, commitment: new Uint8Array(32) as never },
});
const epochOf = (chain: TestChain): number => Math.floor(chain.height / chain.parameters.epochBlocks);

test("a pool full of transactions behind gaps, with any tips, takes one that can be executed and pays nothing more", async () => {
  const hostile = Array.from({ length: 4 }, (_, index) => quickSigner(`hostile ${index}`));
  const chain = await TestChain.create({
    accounts: hostile.map(({ accountId }) => accountId),
    application: { mempool: { countMax: 40 } },
  });
  for (const signer of hostile) {
    for (let nonce = 1; nonce <= 10; nonce++) {
      const bytes = await chain.signed(signer, give, { nonce, tip: 1n << 60n, showKey: true });
      assert.is((await chain.app.submit(bytes)).ok, true);
    }
  }
  assert.is(chain.app.mempool.size, 40);
  const [honest] = chain.operators as [TestOperator];
  assert.is(await chain.send(honest.signer, give), undefined);
  assert.equal(
    (await chain.block()).transactions.map((one) => bodyOf(one).kind),
    ["transfer"],
  );
});

test("what is filed before its time waits, if an operator files it; what comes after its time is refused", async () => {
  const stranger = quickSigner("stranger");
  const chain = await TestChain.create({ accounts: [stranger.accountId] });
  await chain.runTo(0);
  await chain.block();
  const [operator] = chain.operators as [TestOperator];
  const epoch = epochOf(chain);
  assert.is(epoch, 1);
  assert.is(await chain.send(operator.signer, commit(epoch)), undefined, "early by one epoch");
  assert.is(await chain.send(operator.signer, commit(epoch + 1)), undefined, "behind one that waits nothing is tried");
  const [, second, third] = chain.operators as [TestOperator, TestOperator, TestOperator];
  assert.is(await chain.send(second.signer, commit(epoch + 1)), "epoch-wrong");
  assert.is(await chain.send(stranger, commit(epoch)), "epoch-wrong");
  for (let block = 0; block < chain.parameters.epochBlocks / 3; block++) await chain.block();
  assert.is(await chain.send(third.signer, commit(epoch - 1)), "phase-wrong");
});

test("early ones with the highest tips, and all that waits behind them, do not keep another's out of a block", async () => {
  const chain = await TestChain.create({ operators: 17 });
  const [honest, ...hostile] = chain.operators as readonly TestOperator[] as [TestOperator, ...TestOperator[]];
  for (const { signer } of hostile) {
    assert.ok((await chain.app.submit(await chain.signed(signer, commit(0), { tip: fair(500) }))).ok);
    for (let index = 1; index < 64; index++)
      assert.ok((await chain.app.submit(await chain.signed(signer, give, { tip: fair(900) }))).ok);
  }
  assert.is(chain.app.mempool.size, 1024);
  assert.is(await chain.send(honest.signer, give), undefined);
  assert.is((await chain.block()).transactions.length, 1);
});

test("what failed in a block that was built comes after what was tried; nothing behind it is tried in vain", async () => {
  const chain = await TestChain.create({ operators: 17, application: { mempool: { countMax: 1025 } } });
  const [honest, owner, ...hostile] = chain.operators as readonly TestOperator[] as [
    TestOperator,
    TestOperator,
    ...TestOperator[],
  ];
  const asset = await chain.registerAsset(owner);
  await chain.block();
  const bond: TransactionBody = {
    kind: "bond",
    value: { operator: owner.account, assetId: asset, amount: grains(1n) },
  };
  await chain.send(owner.signer, { kind: "retireAsset", value: { assetId: asset } });
  const retiring = await chain.build();
  for (const { signer } of hostile) {
    for (const [index, body] of Array.from({ length: 64 }, (_, at) => (at === 0 ? bond : give)).entries())
      assert.ok((await chain.app.submit(await chain.signed(signer, body, { tip: fair(index === 0 ? 2 : 9) }))).ok);
  }
  await chain.app.commit([retiring.facts.digest], await chain.finalization(retiring.facts), []);
  assert.is(chain.app.mempool.size, 15 * 64);
  assert.is(await chain.send(honest.signer, give), undefined);
  assert.is((await chain.block()).transactions.length, 1);
  const first = chain.app.mempool.waiting((hostile[0] as TestOperator).account, 0, 1)?.[0];
  assert.is(first?.tried, false);
});

test.run();
