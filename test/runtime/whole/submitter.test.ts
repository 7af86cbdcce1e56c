// The node's own transactions: numbers, and what happens when the lowest of them can no longer be executed. Real blocks, with
// a second node's application that hears what is gossiped.
import "../../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { cheapVerifier } from "../../../simulation/environment/cheap-signer.ts";
import { type AccountId, type AssetId, digest, err, fair, grains } from "../../../src/primitives/index.ts";
import { type LedgerApplication, replacementTip } from "../../../src/runtime/application/index.ts";
import { openApplication, Submitter } from "../../../src/runtime/whole/index.ts";
import { bodyOf, type Parameters, type TransactionBody } from "../../../src/schema/index.ts";
import { createMemoryStore } from "../../support/memory-store.ts";
import { quietLog } from "../../support/quiet-ports.ts";
import { quickSigner, TestChain, type TestOperator } from "../../support/test-chain.ts";

const sink = quickSigner("sink").accountId;
const give = (amount: bigint): TransactionBody => ({
  kind: "transfer",
  value: { to: sink, amount: grains(amount) },
});
const bondTo = (owner: TestOperator, assetId: AssetId): TransactionBody => ({
  kind: "bond",
  value: { operator: owner.account, assetId, amount: fair(1) },
});
const far = 1_000;

/** A chain whose first operator submits through a Submitter; `other` is another node's application, which hears of it all. */
async function submitting(
  account?: TestOperator["signer"],
  {
    parameters = {},
    more = [],
  }: { readonly parameters?: Partial<Parameters>; readonly more?: readonly AccountId[] } = {},
) {
  const accounts = [sink, ...more, ...(account === undefined ? [] : [account.accountId])];
  const chain = await TestChain.create({ accounts, parameters });
  const [first, second] = chain.operators as [TestOperator, TestOperator];
  const other = await chain.open(createMemoryStore());
  chain.others = [other];
  const heard: string[] = [];
  const publish = async (_: unknown, bytes: Uint8Array): Promise<void> => {
    const outcome = await other.submit(bytes);
    heard.push(outcome.ok ? "taken" : outcome.error);
  };
  const signer = account ?? first.signer;
  const transport = { publish } as never;
  const submitter = new Submitter({ application: chain.app, signer, transport, log: quietLog });
  const block = async (): Promise<readonly string[]> => {
    const { facts, bytes } = await chain.build();
    assert.equal(await other.check(bytes, chain.nextMs), { kind: "valid", facts });
    const finalization = await chain.finalization(facts);
    for (const app of [chain.app, other]) await app.commit([facts.digest], finalization, []);
    const kinds = chain.app.queries.block(facts.height)?.transactions.map((one) => bodyOf(one).kind) ?? [];
    await submitter.onBlock();
    return kinds;
  };
  const nonce = (): number => chain.app.queries.account(signer.accountId)?.nonce ?? 0;
  return { chain, first, second, other, heard, submitter, block, nonce, account: signer.accountId };
}

const given = (app: LedgerApplication): bigint => (app.queries.account(sink)?.balance ?? 0n) - fair(1000);
const waitingTip = (app: LedgerApplication, account: AccountId, nonce: number): bigint | undefined =>
  app.mempool.waiting(account, nonce, nonce + 1)?.[0]?.transaction.tip;

/** The first operator bonds to the second's asset, which the second retires before that is in a block. */
async function stuck() {
  const all = await submitting();
  const { chain, second, submitter, block } = all;
  const asset = await chain.registerAsset(second);
  await block();
  const { facts } = await chain.build();
  await chain.send(second.signer, { kind: "retireAsset", value: { assetId: asset } });
  const retiring = await chain.build(facts.parent);
  await submitter.submit(bondTo(second, asset), chain.height + far);
  await submitter.submit(give(7n), chain.height + far);
  await submitter.submit(give(11n), chain.height + far);
  for (const app of [chain.app, all.other]) {
    await app.check(retiring.bytes, chain.nextMs);
    await app.commit([retiring.facts.digest], await chain.finalization(retiring.facts), []);
  }
  return all;
}

test("what waits behind a transaction that became invalid goes on, and each is executed once", async () => {
  const { chain, submitter, other, heard, block, nonce, account } = await stuck();
  const before = nonce();
  const built = await chain.build();
  assert.is(built.facts.height, chain.height + 1);
  assert.is((await chain.app.stopOf(account))?.refused, "asset-retired");
  await submitter.onBlock();
  for (const app of [chain.app, other]) assert.is(waitingTip(app, account, before), replacementTip(0n));
  assert.equal(heard, ["taken", "taken", "taken", "taken"]);
  await submitter.onBlock();
  assert.is(heard.length, 4, "it is replaced once");
  assert.equal(await block(), ["transfer", "transfer", "transfer"]);
  assert.is(nonce(), before + 3);
  assert.is(given(chain.app), 18n);
  assert.is(chain.app.mempool.size, 0);
  assert.is(other.mempool.size, 0);
  await submitter.submit(give(1n), chain.height + far);
  assert.equal(await block(), ["transfer"]);
  assert.is(given(chain.app), 19n);
});

test("without it nothing of the account is taken until the invalid one expires", async () => {
  const { chain, nonce } = await stuck();
  const before = nonce();
  for (let height = 0; height < 3; height++) assert.equal((await chain.block()).transactions.length, 0);
  assert.is(nonce(), before);
});

test("one that is invalid with nothing of ours behind it is left alone, and the next one of ours frees itself", async () => {
  const { chain, second, submitter, heard, block, nonce } = await submitting();
  const asset = await chain.registerAsset(second);
  await block();
  await chain.send(second.signer, { kind: "retireAsset", value: { assetId: asset } });
  const { facts, bytes } = await chain.build();
  await submitter.submit(bondTo(second, asset), chain.height + far);
  for (const app of [chain.app, ...chain.others]) {
    await app.check(bytes, chain.nextMs);
    await app.commit([facts.digest], await chain.finalization(facts), []);
  }
  await submitter.onBlock();
  assert.equal(heard, ["taken"]);
  await submitter.submit(give(5n), chain.height + far);
  assert.equal(await block(), []);
  assert.equal(await block(), ["transfer", "transfer"]);
  assert.equal([nonce(), given(chain.app)], [2, 5n]);
});

test("what is early is no reason: it waits for its phase, and is not replaced", async () => {
  const { chain, first, submitter, heard, block, nonce } = await submitting();
  const commitment = digest(first.account);
  await submitter.submit({ kind: "reportCommit", value: { epoch: 0, commitment } }, far);
  await submitter.submit(give(3n), far);
  const seen: string[][] = [];
  while (nonce() < 2 && seen.length < 40) seen.push([...(await block())]);
  assert.equal(seen.at(-1), ["reportCommit", "transfer"]);
  assert.is(chain.height, chain.parameters.epochBlocks + 1, "in the first block of the phase");
  assert.equal(heard, ["taken", "taken"]);
});

test("successors of a first transaction that show the key too are signed again once it is known", async () => {
  const fresh = quickSigner("fresh");
  const { chain, submitter, other, heard, block, nonce } = await submitting(fresh);
  await submitter.submit(give(1n), far);
  const { facts, bytes } = await chain.build();
  await submitter.submit(give(2n), far);
  await submitter.submit(give(4n), far);
  for (const app of [chain.app, other]) {
    await app.check(bytes, chain.nextMs);
    await app.commit([facts.digest], await chain.finalization(facts), []);
  }
  assert.is((await chain.app.stopOf(fresh.accountId))?.refused, "key-unwanted");
  await submitter.onBlock();
  assert.equal(await block(), ["transfer", "transfer"]);
  assert.equal([nonce(), given(chain.app)], [3, 7n], "each by itself: nothing was put in its place");
  assert.ok(heard.every((one) => one === "taken"));
});

test("what the mempool lost is handed to it again, and a number that expired is filled", async () => {
  const { chain, first, submitter, block, nonce } = await submitting();
  await submitter.submit(give(1n), far);
  await submitter.submit(give(2n), far);
  chain.app.mempool.prune(far + 1, () => 0);
  assert.is(chain.app.mempool.size, 0);
  await submitter.onBlock();
  assert.equal(await block(), ["transfer", "transfer"]);
  assert.is(given(chain.app), 3n);
  const early: TransactionBody = { kind: "reportCommit", value: { epoch: 0, commitment: digest(first.account) } };
  await submitter.submit(early, chain.height + 2);
  await submitter.submit(give(8n), far);
  for (let count = 0; count < 6 && nonce() < 4; count++) await block();
  assert.is(nonce(), 4);
  assert.is(given(chain.app), 11n);
});

test("while others fill blocks for a grain more, ours pay more until they are taken; what is early waits at its price", async () => {
  const crowd = Array.from({ length: 8 }, (_, index) => quickSigner(`crowd ${index}`));
  const { chain, first, submitter, heard, block, nonce } = await submitting(undefined, {
    parameters: { epochBlocks: 96 },
    more: crowd.map(({ accountId }) => accountId),
  });
  const next = crowd.map(() => 0);
  // Long transfers would be dear: what fills a block cheaply is signatures.
  const fill = async (): Promise<void> => {
    for (const [index, signer] of crowd.entries()) {
      const from = chain.app.queries.account(signer.accountId)?.nonce ?? 0;
      for (let nonce = next[index] as number; nonce < from + 64; nonce++) {
        const bytes = await chain.signed(signer, give(1n), { nonce, tip: 100n, showKey: nonce === 0 });
        for (const app of [chain.app, ...chain.others]) assert.ok((await app.submit(bytes)).ok);
      }
      next[index] = from + 64;
    }
  };
  // Keys are shown once; from then on all are of one length.
  for (let shown = 0; shown < 3; shown++) {
    await fill();
    await block();
  }
  await fill();
  await submitter.submit(give(5n), chain.height + far);
  const early: TransactionBody = { kind: "reportCommit", value: { epoch: 0, commitment: digest(first.account) } };
  await submitter.submit(early, chain.height + far);
  assert.ok(chain.app.mempool.bytes > chain.parameters.blockBytesMax / 2);
  const before = nonce();
  let blocks = 0;
  for (; blocks < 12 && nonce() === before; blocks++) {
    await block();
    await fill();
  }
  assert.is(nonce(), before + 1, "the transfer is taken");
  assert.ok(blocks > 4, `its price rose after some blocks, not before: ${blocks}`);
  assert.equal(heard, ["taken", "taken", "taken"]);
  assert.is(waitingTip(chain.app, first.account, before + 1), 0n, "what is early does not pay more");
});

test("a full mempool takes ours for the least tip that is enough, up to a bound", async () => {
  const rich = quickSigner("rich");
  const chain = await TestChain.create({
    accounts: [sink, rich.accountId],
    application: { mempool: { countMax: 10 } },
  });
  const [first] = chain.operators as [TestOperator];
  const transport = { publish: async () => {} } as never;
  const submitter = new Submitter({ application: chain.app, signer: first.signer, transport, log: quietLog });
  const fill = async (tip: bigint): Promise<void> => {
    for (let nonce = 0; nonce < 10; nonce++)
      await chain.app.submit(await chain.signed(rich, give(1n), { nonce, tip, showKey: nonce === 0 }));
  };
  await fill(5_000n);
  await submitter.submit(give(1n), chain.height + far);
  assert.is(waitingTip(chain.app, first.account, 0), 16_000n);
  await fill(1_000_000n);
  await submitter.submit(give(2n), chain.height + far).then(
    () => assert.unreachable("that is more than we pay"),
    (error: Error) => assert.match(error.message, /pool-full/),
  );
});

test("the mempool keeps to the bytes that the node is set to", async () => {
  const chain = await TestChain.create();
  const [first] = chain.operators as [TestOperator];
  const made = { genesis: chain.genesis, chains: {} as never };
  const open = (mempool: { readonly bytesMax: number }) =>
    openApplication({ store: createMemoryStore(), verifier: cheapVerifier }, { ...made, mempool });
  const bytes = await chain.signed(first.signer, give(1n));
  assert.equal(await (await open({ bytesMax: bytes.length - 1 })).submit(bytes), err("pool-full"));
  assert.ok((await (await open({ bytesMax: bytes.length })).submit(bytes)).ok);
});

test("what the chain has not taken for long is gossiped again", async () => {
  const { chain, submitter, heard, block } = await submitting(undefined, { parameters: { epochBlocks: 96 } });
  const ends = chain.height + far;
  // Of an epoch that is not over: early, and in no block.
  await submitter.submit({ kind: "reportCommit", value: { epoch: 0, commitment: digest(new Uint8Array(32)) } }, ends);
  assert.is(heard.length, 1);
  for (let count = 0; count < 63; count++) await block();
  assert.is(heard.length, 1);
  await block();
  assert.is(heard.length, 2);
  await block();
  assert.is(heard.length, 2, "once in a while");
});

test.run();
