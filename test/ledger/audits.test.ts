// Audits over whole chains of blocks: reports that are void or false, transcripts that are missing, claims in parts, and
// appeals in all their outcomes (P-3 to P-6, R-1, R-8).
import "../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { recordsCount, totalOf } from "../../src/ledger/index.ts";
import { type AccountId, type AssetId, compareBytes, equalBytes, fair, grains } from "../../src/primitives/index.ts";
import { type ReportEntry, type TransactionBody, tables } from "../../src/schema/index.ts";
import { quickSigner, TestChain, type TestOperator, testTerms } from "../support/test-chain.ts";

const conserved = (chain: TestChain): void => {
  const sums = chain.app.queries.chain();
  assert.is(totalOf(sums), chain.parameters.supplyAtGenesis + sums.emitted);
};
const operatorOf = (chain: TestChain, index: number) =>
  chain.app.queries.operator((chain.operators[index] as TestOperator).account);
const explained = (chain: TestChain, epoch: number, asset: AssetId) =>
  chain.app.queries.explain(epoch, asset)?.explanation;

/** What the treasury has gained since the end of epoch 5, at that of epoch 7, beyond its share of what was emitted. */
const treasuryGain = (chain: TestChain, before: bigint): bigint => {
  const { chain: sums, epochRecord } = chain.app.queries;
  return [5, 6].reduce((gain, epoch) => gain - (epochRecord(epoch)?.treasury as bigint), sums().treasury - before);
};

/** Four operators, one asset of the first: the other three audit it. */
async function audited(): Promise<{ chain: TestChain; asset: AssetId; owner: TestOperator }> {
  const chain = await TestChain.create();
  const [owner] = chain.operators as [TestOperator];
  const asset = await chain.registerAsset(owner);
  await chain.runTo(2);
  return { chain, asset, owner };
}

test("P-5: a minority of liars moves neither the outcome nor the pay; a liar loses its pay and its score", async () => {
  const { chain, asset } = await audited();
  const lie = (entry: ReportEntry, auditor: number): ReportEntry =>
    auditor === 1 ? { ...entry, measured: 1n } : entry;
  const scoreBefore = operatorOf(chain, 1)?.scorePpm as number;
  await chain.runTo(3, lie);
  assert.is(explained(chain, 2, asset)?.measured, 8n);
  const record = chain.app.queries.epochRecord(2);
  // Two of three entries were accepted, of sixteen that would earn the whole budget.
  assert.is(record?.auditPay, ((fair(1000) * 130_000n) / 1_000_000n / 16n) * 2n);
  await chain.runTo(4);
  assert.ok((operatorOf(chain, 1)?.scorePpm as number) < scoreBefore);
  conserved(chain);
});

test("P-5: a score moves by a part of the way to the mean of what its operator served and how its reports stood", async () => {
  const { chain, asset } = await audited();
  await chain.registerAsset(chain.operators[1] as TestOperator);
  await chain.runTo(5);
  const scores = (): number[] => [0, 1, 2].map((index) => operatorOf(chain, index)?.scorePpm as number);
  const { scoreDivisor } = chain.parameters;
  // Of epoch 5: the first one's asset passes one of two; reports on it agree, and only the third one's on the other do not.
  const half = (entry: ReportEntry): ReportEntry => ({ ...entry, attempted: 2, passed: 1 });
  const said = (entry: ReportEntry, auditor: number): ReportEntry =>
    equalBytes(entry.assetId, asset) ? half(entry) : auditor === 2 ? { ...entry, measured: 1n } : entry;
  await chain.runTo(6, said);
  const before = scores();
  await chain.runTo(7);
  const toward = (score: number, samplePpm: number): number => score + Math.trunc((samplePpm - score) / scoreDivisor);
  const wanted = [(500_000 + 1_000_000) / 2, 1_000_000, 500_000].map((samplePpm, index) =>
    toward(before[index] as number, samplePpm),
  );
  assert.equal(scores(), wanted);
});

test("L-9: what was filed for an epoch leaves the state once it is settled", async () => {
  const { chain } = await audited();
  const filed = (): readonly number[] =>
    [tables.reports, tables.reportParts, tables.claims].map(({ space }) => recordsCount(chain.state, space));
  await chain.runTo(3);
  const once = filed();
  assert.ok((once[0] as number) > 0 && (once[1] as number) > 0);
  await chain.runTo(8);
  assert.equal(filed(), once);
});

test("P-3: a report with entries that were not its auditor's earns nothing and costs bond; its entries in place still count", async () => {
  const { chain, asset } = await audited();
  const other = await chain.registerAsset(chain.operators[3] as TestOperator, testTerms(1));
  chain.extraEntries = (auditor) =>
    auditor === 1
      ? [
          {
            assetId: other,
            passed: 0,
            attempted: 1,
            measured: 0n,
            latencyMs: 0,
            direct: false,
            transcriptsRoot: new Uint8Array(32) as never,
          },
        ]
      : [];
  await chain.runTo(3);
  chain.extraEntries = undefined;
  assert.is(explained(chain, 2, asset)?.evidence.length, 3);
  assert.is(chain.app.queries.epochRecord(2)?.auditPay, ((fair(1000) * 130_000n) / 1_000_000n / 16n) * 2n);
  await chain.runTo(4);
  assert.is(operatorOf(chain, 1)?.bond, fair(95), "slashFalseReportPpm");
  assert.is(operatorOf(chain, 2)?.bond, fair(100));
  conserved(chain);
});

test("P-3: a drawn pass without its transcript voids the report and costs bond", async () => {
  const { chain, asset } = await audited();
  chain.silentTranscripts = 2;
  await chain.runTo(3);
  chain.silentTranscripts = undefined;
  assert.is(explained(chain, 2, asset)?.evidence.length, 2);
  await chain.runTo(4);
  assert.is(operatorOf(chain, 2)?.bond, fair(98), "slashLostPassPpm");
  conserved(chain);
});

test("P-5: without a majority of reports the last outcome stands at half pay once, then nothing is paid", async () => {
  const { chain, asset } = await audited();
  await chain.runTo(3);
  const whole = chain.app.queries.explain(2, asset)?.leaf.reward as bigint;
  chain.silentReports = [1, 2];
  await chain.runTo(6);
  const rewards = [3, 4, 5].map((epoch) => chain.app.queries.explain(epoch, asset)?.leaf.reward);
  assert.equal(rewards, [whole / 2n, 0n, 0n]);
  chain.silentReports = [];
  await chain.runTo(7);
  assert.is(chain.app.queries.explain(6, asset)?.leaf.reward, whole);
  conserved(chain);
});

test("P-4: claims of assets that are not paid leave the state, too: changed after the claim, not active yet, retired", async () => {
  const user = quickSigner("user");
  const chain = await TestChain.create({ accounts: [user.accountId] });
  const [owner] = chain.operators as [TestOperator];
  const [changed, retired] = [await chain.registerAsset(owner), await chain.registerAsset(owner)];
  await chain.runTo(0);
  await chain.send(user, { kind: "transfer", value: { to: owner.account, amount: grains(1n) } });
  await chain.send(owner.signer, { kind: "retireAsset", value: { assetId: retired } });
  await chain.runTo(3);
  const waiting = await chain.registerAsset(owner);
  await chain.block();
  for (const asset of [changed, retired, waiting])
    assert.is(await chain.claim(owner, asset, [{ by: user, units: 1n }]), undefined);
  const terms = testTerms(0, 9n);
  await chain.block();
  assert.is(await chain.send(owner.signer, { kind: "updateAsset", value: { assetId: changed, terms } }), undefined);
  await chain.block();
  assert.is(recordsCount(chain.state, tables.claims.space), 3);
  await chain.runTo(5);
  assert.is(recordsCount(chain.state, tables.claims.space), 0);
  conserved(chain);
});

test("P-4: a claim comes in parts whose requesters ascend through all of them, and counts as far as fees were burned", async () => {
  const users = Array.from({ length: 70 }, (_, index) => quickSigner(`user ${index}`)).sort((a, b) =>
    compareBytes(a.accountId, b.accountId),
  );
  const chain = await TestChain.create({ accounts: users.map(({ accountId }) => accountId) });
  const [owner] = chain.operators as [TestOperator];
  const asset = await chain.registerAsset(owner, testTerms(1, 4000n), 1000 - 100);
  await chain.runTo(1);
  // Every user burns a fee in epoch 2: that is what its use of that epoch may count for.
  for (const user of users) {
    await chain.send(user, { kind: "transfer", value: { to: owner.account, amount: grains(1n) } });
  }
  await chain.runTo(2);
  const uses = users.map((by) => ({ by, units: 1_000_000n }));
  assert.is(await chain.claim(owner, asset, uses.slice(0, 40), 1), "claim-part");
  assert.is(await chain.claim(chain.operators[1] as TestOperator, asset, uses.slice(0, 2)), "not-owner");
  assert.is(await chain.claim(owner, asset, [{ by: owner.signer, units: 1n }]), "receipt-mismatch");
  assert.is(await chain.claim(owner, asset, [{ by: quickSigner("nobody"), units: 1n }]), "key-missing");
  assert.is(await chain.claim(owner, asset, uses.slice(0, 40)), undefined);
  await chain.block();
  assert.is(await chain.claim(owner, asset, uses.slice(0, 40)), "claim-part");
  assert.is(await chain.claim(owner, asset, uses.slice(39, 70), 1), "receipt-order");
  assert.is(await chain.claim(owner, asset, uses.slice(40, 70), 1), undefined);
  chain.refused.length = 0;
  await chain.runTo(3);
  assert.equal(chain.refused, []);
  const explanation = explained(chain, 2, asset);
  assert.is(explanation?.evidence.length, 3 + 70);
  const { burnLeverage, unitUseValue, feeBase, feePerByte, feeBurnPpm } = chain.parameters;
  assert.ok((explanation?.delivered as bigint) > 0n);
  const most = (((feeBase + feePerByte * 200n) * BigInt(feeBurnPpm)) / 1_000_000n) * BigInt(burnLeverage);
  assert.ok((explanation?.delivered as bigint) <= 70n * (most / unitUseValue));
  const made = await chain.app.queries.certificate(2, asset);
  assert.ok(made.ok);
  conserved(chain);
});

/** Everyone says the asset failed; its owner appeals; `later` is what the larger draw says three epochs on. */
async function appealed(later: (entry: ReportEntry) => ReportEntry) {
  const chain = await TestChain.create({ operators: 8, parameters: { auditorsPerAsset: 3, appealAuditors: 5 } });
  const [owner] = chain.operators as [TestOperator];
  const asset = await chain.registerAsset(owner);
  await chain.runTo(2);
  const failed = (entry: ReportEntry): ReportEntry => ({ ...entry, passed: 0, measured: 0n });
  const appeal: TransactionBody = { kind: "appeal", value: { epoch: 2, assetId: asset, deposit: grains(fair(5)) } };
  for (let offset = 0; offset < 5; offset++) {
    await chain.duties(failed);
    await chain.block();
  }
  assert.is(await chain.send(owner.signer, appeal), undefined);
  await chain.block();
  assert.is(chain.app.queries.chain().deposits, fair(5));
  assert.is(await chain.send(owner.signer, appeal), "appeal-exists");
  const [, stranger] = chain.operators as [TestOperator, TestOperator];
  assert.is(await chain.send(stranger.signer, appeal), "not-owner");
  assert.is(
    await chain.send(owner.signer, { kind: "appeal", value: { ...appeal.value, deposit: grains(1n) } as never }),
    "deposit-too-low",
  );
  await chain.runTo(3, failed);
  assert.is(explained(chain, 2, asset)?.measured, 0n);
  const stood = chain.app.queries.operators().map(([id]) => id);
  await chain.runTo(5, failed);
  assert.is(chain.app.queries.assignments(5)[0]?.auditors.length, 5, "the larger draw");
  const bonds = new Map(stood.map((id) => [id.join(), chain.app.queries.operator(id)?.bond as bigint]));
  const treasury = chain.app.queries.chain().treasury;
  await chain.runTo(6, later);
  assert.is(explained(chain, 5, asset)?.assigned, 5);
  const drawn = chain.app.queries.assignments(6)[0]?.auditors.length;
  assert.is(drawn, 3, "once only");
  await chain.runTo(7);
  assert.is(chain.app.queries.chain().deposits, 0n);
  conserved(chain);
  const lost = stood.filter(
    (id: AccountId) => (chain.app.queries.operator(id)?.bond as bigint) < (bonds.get(id.join()) as bigint),
  );
  return { chain, lost, gained: treasuryGain(chain, treasury), owner };
}

test("P-6: an appeal that is upheld returns the deposit, and who stood for the wrong outcome gives up an entry's pay", async () => {
  const { lost, gained, chain, owner } = await appealed((entry) => entry);
  assert.is(gained, 0n);
  assert.is(lost.length, 3);
  assert.not(lost.some((id) => equalBytes(id, owner.account)));
  const pay = (fair(1000) * 130_000n) / 1_000_000n / 16n;
  for (const id of lost) assert.is(chain.app.queries.operator(id)?.bond, fair(100) - pay);
});

test("P-6: an appeal that is rejected costs the deposit, and nobody else anything", async () => {
  const { lost, gained } = await appealed((entry) => ({ ...entry, passed: 0, measured: 0n }));
  assert.is(lost.length, 0);
  assert.is(gained, fair(5));
});

test("P-6: with too few reports of the larger draw the deposit goes back and nobody pays", async () => {
  const { chain, asset, owner } = await audited();
  const value = { epoch: 2, assetId: asset, deposit: grains(fair(5)) };
  assert.is(await chain.send(owner.signer, { kind: "appeal", value }), undefined);
  await chain.runTo(5, (entry) => ({ ...entry, passed: 0, measured: 0n }));
  chain.silentReports = [1, 2, 3];
  const { treasury, burned } = chain.app.queries.chain();
  await chain.runTo(6);
  assert.is(chain.app.queries.chain().deposits, fair(5));
  await chain.runTo(7);
  assert.is(chain.app.queries.chain().deposits, 0n);
  assert.is(treasuryGain(chain, treasury), 0n);
  assert.ok(chain.app.queries.chain().burned >= burned);
  for (const [, { bond }] of chain.app.queries.operators()) assert.is(bond, fair(100));
  conserved(chain);
});

test.run();
