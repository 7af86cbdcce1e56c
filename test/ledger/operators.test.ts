// Operators over whole chains of blocks: bonds that unbond late and stay slashable, withdrawal accounts, key rotation, chain
// renewal, network prefixes in draws, and punishment for equivocation (L-5, I-7, S-13, section 3).
import "../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { createHashChain, sha256 } from "../../src/crypto/index.ts";
import { chainOf, createDraft, type Draft, freezeOffset, totalOf } from "../../src/ledger/index.ts";
import { prefixAt } from "../../src/ledger/transactions/operator.ts";
import { assetId, digest, equalBytes, fair, grains, utf8ToBytes } from "../../src/primitives/index.ts";
import { type Evidence, signingRoot, statementRoot, type TransactionBody, voteKinds } from "../../src/schema/index.ts";
import { quickSigner, TestChain, type TestOperator } from "../support/test-chain.ts";

const own = assetId(new Uint8Array(32));
const cold = (index: number) => quickSigner(`cold ${index}`);
const withCold = (options = {}) =>
  TestChain.create({
    withdrawal: cold,
    accounts: [0, 1, 2, 3].map((index) => cold(index).accountId),
    ...options,
  });

const bondOf = (chain: TestChain, { account }: TestOperator) => chain.app.queries.operator(account)?.bond;
const balanceOf = (chain: TestChain, signer: { accountId: TestOperator["account"] }) =>
  chain.app.queries.account(signer.accountId)?.balance ?? 0n;
const conserved = (chain: TestChain): void => {
  const { emitted } = chain.app.queries.chain();
  assert.is(totalOf(chain.app.queries.chain()), chain.parameters.supplyAtGenesis + emitted);
};

test("only the withdrawal account unbonds and rotates; rewards are paid to it (I-7)", async () => {
  const chain = await withCold();
  const [first] = chain.operators as [TestOperator];
  const value = { operator: first.account, assetId: own, amount: grains(fair(50)) };
  assert.is(await chain.send(first.signer, { kind: "unbond", value }), "not-withdrawal");
  const { publicKey } = quickSigner("next");
  const rotate = { operator: first.account, publicKey };
  assert.is(await chain.send(first.signer, { kind: "rotateKey", value: rotate }), "not-withdrawal");
  const before = balanceOf(chain, first.withdrawal);
  await chain.registerAsset(first);
  chain.refused.length = 0;
  await chain.runTo(5);
  assert.equal(chain.refused, []);
  assert.ok(balanceOf(chain, first.withdrawal) > before, "the cold account earned");
  conserved(chain);
});

test("who proposes an epoch's last block changes no draw by what he unbonds in it: he knows their beacon already", async () => {
  const chain = await withCold();
  const [first] = chain.operators as [TestOperator];
  const { epochBlocks, termEpochs } = chain.parameters;
  const epoch = 2 * termEpochs - 1;
  const weights = () => chain.drawTable(epoch + 1).map(({ weight }) => weight);
  const unbond = async (amount: bigint) => {
    const value = { operator: first.account, assetId: own, amount: grains(amount) };
    assert.is(await chain.send(first.withdrawal, { kind: "unbond", value }), undefined);
  };
  await chain.runTo(epoch - 1);
  while (chain.height % epochBlocks !== freezeOffset(chain.parameters)) {
    await chain.duties((entry) => entry);
    await chain.block();
  }
  await unbond(fair(20));
  await chain.block();
  const fixed = weights();
  assert.ok((fixed.at(0) ?? 0n) > 0n && new Set(fixed).size > 1, "what was unbonded before counts no more");
  while (chain.height % epochBlocks !== epochBlocks - 1) await chain.block();
  await unbond(fair(30));
  await chain.block();
  assert.is(bondOf(chain, first), fair(50));
  assert.equal(weights(), fixed);
});

test("an unbonding bond leaves the draws, is paid out after its delay, and not an epoch before", async () => {
  const chain = await withCold();
  const [first] = chain.operators as [TestOperator];
  await chain.runTo(0);
  const value = { operator: first.account, assetId: own, amount: grains(fair(90)) };
  assert.is(await chain.send(first.withdrawal, { kind: "unbond", value }), undefined);
  await chain.block();
  assert.is(bondOf(chain, first), fair(10));
  const [part] = chain.app.queries.operator(first.account)?.unbonding ?? [];
  const { trustingEpochs, evidenceEpochs, unbondingEpochs } = chain.parameters;
  // Filed in epoch 1, seated through term 1: no less than the trusting period and the evidence window, and the delay.
  assert.is(part?.epoch, Math.max(1 + trustingEpochs + evidenceEpochs, 1 + unbondingEpochs, 4 + evidenceEpochs) + 1);
  await chain.runTo((part?.epoch as number) - 1);
  assert.is(chain.app.queries.operator(first.account)?.unbonding.length, 1, "still held");
  const before = balanceOf(chain, first.withdrawal);
  await chain.runTo(part?.epoch as number);
  assert.is(chain.app.queries.operator(first.account)?.unbonding.length, 0);
  assert.ok(balanceOf(chain, first.withdrawal) >= before + fair(90));
  conserved(chain);
});

test("who takes everything out is gone once nothing of his is left, asset, bond and seat; not before", async () => {
  const accounts = [0, 1, 2, 3, 4].map((index) => cold(index).accountId);
  const chain = await withCold({ operators: 5, accounts });
  const leaver = chain.operators[4] as TestOperator;
  const asset = await chain.registerAsset(leaver);
  await chain.runTo(0);
  const operator = () => chain.app.queries.operator(leaver.account);
  assert.is(operator()?.assets, 1);
  assert.is(await chain.send(leaver.signer, { kind: "retireAsset", value: { assetId: asset } }), undefined);
  await chain.block();
  const take = (assetId: typeof own, amount: number) =>
    chain.send(leaver.withdrawal, {
      kind: "unbond",
      value: { operator: leaver.account, assetId, amount: grains(fair(amount)) },
    });
  assert.equal([await take(asset, 10), await take(own, 100)], [undefined, undefined]);
  await chain.block();
  const until = operator()?.unbonding[0]?.epoch as number;
  await chain.runTo(until - 1);
  assert.equal([operator()?.assets, chain.app.queries.asset(asset) !== undefined], [1, true]);
  const before = balanceOf(chain, leaver.withdrawal);
  await chain.runTo(until + 2);
  assert.equal([operator(), chain.app.queries.asset(asset)], [undefined, undefined]);
  assert.ok(balanceOf(chain, leaver.withdrawal) >= before + fair(110));
  assert.equal([chain.app.queries.chain().operators, chain.app.queries.chain().assets], [4, 0]);
  conserved(chain);
});

/** Two finalize votes of one seat in one view, as its key signed them. */
async function equivocation(chain: TestChain, offender: TestOperator, view = 7): Promise<Evidence> {
  const term = 0;
  const committee = chain.app.committee(term);
  const seat = committee?.record.seats.findIndex(({ operator }) => equalBytes(operator, offender.account)) ?? -1;
  const votes = await Promise.all(
    ["one", "another"].map(async (text) => {
      const statement = {
        term,
        committeeRoot: committee?.root as never,
        view,
        kind: voteKinds.indexOf("finalize"),
        digest: digest(sha256(utf8ToBytes(text))),
      };
      const root = signingRoot(statementRoot(statement), chain.app.networkId, "vote");
      return { statement, seat, signature: await offender.signer.sign(root, "vote") };
    }),
  );
  return { votes, proposals: [] };
}

test("equivocation costs a fifth of the bond once, unbonding parts included, and only while it is young", async () => {
  const chain = await withCold();
  const [first, second] = chain.operators as [TestOperator, TestOperator];
  const unbond = { operator: first.account, assetId: own, amount: grains(fair(40)) };
  await chain.send(first.withdrawal, { kind: "unbond", value: unbond });
  await chain.block();
  const evidence = await equivocation(chain, first);
  const punish: TransactionBody = { kind: "evidence", value: { evidence } };
  assert.is(await chain.send(second.signer, punish), undefined);
  await chain.block();
  assert.is(bondOf(chain, first), fair(48));
  assert.is(chain.app.queries.operator(first.account)?.unbonding[0]?.amount, fair(32));
  assert.is(chain.app.queries.chain().burned >= fair(20), true);
  assert.is(await chain.send(second.signer, punish), "fault-punished");
  const [vote] = evidence.votes as [Evidence["votes"][number]];
  assert.is(
    await chain.send(second.signer, { kind: "evidence", value: { evidence: { votes: [vote, vote], proposals: [] } } }),
    "fault-unproved",
  );
  const forged = { ...evidence, votes: evidence.votes.map((one) => ({ ...one, signature: new Uint8Array(3309) })) };
  assert.is(await chain.send(second.signer, { kind: "evidence", value: { evidence: forged } }), "signature-wrong");
  // Term 0 ends with epoch 1; four epochs later it is too old.
  await chain.runTo(1 + chain.parameters.evidenceEpochs);
  const old = await equivocation(chain, first, 8);
  assert.ok(
    ["fault-old", "committee-unknown"].includes(
      (await chain.send(second.signer, { kind: "evidence", value: { evidence: old } })) as string,
    ),
  );
  conserved(chain);
});

test("a rotated key signs from the second epoch after; the old one is refused then, and still slashable", async () => {
  const chain = await withCold();
  const [first, second] = chain.operators as [TestOperator, TestOperator];
  const next = { ...quickSigner("rotated"), accountId: first.account };
  const rotate = { operator: first.account, publicKey: next.publicKey };
  assert.is(await chain.send(first.withdrawal, { kind: "rotateKey", value: rotate }), undefined);
  await chain.block();
  assert.is(
    await chain.send(first.withdrawal, {
      kind: "rotateKey",
      value: { ...rotate, publicKey: quickSigner("third").publicKey },
    }),
    "renewal-pending",
  );
  const transfer: TransactionBody = { kind: "transfer", value: { to: second.account, amount: grains(1n) } };
  assert.is(await chain.send(next, transfer), "signature-wrong");
  assert.is(await chain.send(first.signer, transfer), undefined);
  await chain.runTo(1);
  assert.is(await chain.send(first.signer, transfer), "signature-wrong");
  assert.is(await chain.send(next, transfer), undefined);
  await chain.block();
  const evidence = await equivocation(chain, first);
  assert.is(await chain.send(second.signer, { kind: "evidence", value: { evidence } }), undefined);
  await chain.block();
  assert.is(bondOf(chain, first), fair(80));
});

test("renewed chains are used from the second epoch on; the epoch before is still reported by the old one", async () => {
  const chain = await TestChain.create();
  for (const operator of chain.operators.slice(0, 3)) await chain.registerAsset(operator);
  await chain.runTo(3);
  const [first] = chain.operators as [TestOperator];
  const made = (role: string) => createHashChain(sha256(utf8ToBytes(`${role} renewed`)), 512);
  const [beacon, auditor] = [made("beacon"), made("auditor")];
  const value = { beaconCommitment: beacon.end, auditorCommitment: auditor.end, chainLength: 512 };
  assert.is(
    await chain.send(first.signer, { kind: "renewBeacon", value: { ...value, chainLength: 3 } }),
    "chain-length",
  );
  assert.is(await chain.send(first.signer, { kind: "renewBeacon", value }), undefined);
  first.beacons.push(beacon);
  first.auditors.push({ chain: auditor, firstEpoch: 6 });
  chain.refused.length = 0;
  await chain.runTo(9);
  assert.equal(chain.refused, []);
  assert.is(chain.app.queries.operator(first.account)?.chainGeneration, 1);
  // Every epoch was reported, those around the change too: all audits agreed and were paid.
  for (let epoch = 4; epoch <= 8; epoch++) {
    const auditPay = chain.app.queries.epochRecord(epoch)?.auditPay;
    assert.is(auditPay, chain.app.queries.epochRecord(3)?.auditPay, `epoch ${epoch}`);
  }
});

test("a prefix that was bound is in force in draws from the second epoch on", async () => {
  const chain = await TestChain.create();
  const [first] = chain.operators as [TestOperator];
  const bind = (last: number, seq: number): TransactionBody => ({
    kind: "bindNode",
    value: { peerId: new Uint8Array(38).fill(9), prefix: Uint8Array.of(4, 10, 0, last, 0), seq },
  });
  const drawn = (epoch: number): number => {
    const operator = chain.app.queries.operator(first.account);
    return prefixAt(operator as never, epoch)[3] as number;
  };
  await chain.send(first.signer, bind(1, 1));
  await chain.block();
  assert.equal([drawn(0), drawn(1), drawn(2)], [0, 0, 1]);
  await chain.runTo(0);
  await chain.send(first.signer, bind(2, 2));
  await chain.block();
  // Bound in epoch 1: the binding of epoch 0 holds in 2, this one from 3 on.
  assert.equal([drawn(2), drawn(3)], [1, 2]);
  assert.is(await chain.send(first.signer, bind(3, 2)), "binding-old");
});

test("a new operator weighs nothing in draws until the second epoch, and a bond added neither", async () => {
  const stranger = quickSigner("stranger");
  const chain = await TestChain.create({ accounts: [stranger.accountId] });
  const made = (role: string) => createHashChain(sha256(utf8ToBytes(`${role} stranger`)), 512);
  const [beacon, auditor] = [made("beacon"), made("auditor")];
  const [first] = chain.operators as [TestOperator];
  const value = {
    bond: grains(fair(50)),
    withdrawal: stranger.accountId,
    beaconCommitment: beacon.end,
    auditorCommitment: auditor.end,
    chainLength: 512,
  };
  assert.is(
    await chain.send(stranger, { kind: "registerOperator", value: { ...value, bond: grains(1n) } }),
    "bond-too-low",
  );
  assert.is(await chain.send(stranger, { kind: "registerOperator", value }), undefined);
  await chain.send(first.signer, {
    kind: "bond",
    value: { operator: first.account, assetId: own, amount: grains(fair(60)) },
  });
  await chain.block();
  assert.is(await chain.send(stranger, { kind: "registerOperator", value }), "operator-exists");
  assert.is(bondOf(chain, first), fair(160));
  const weights: (readonly [number, bigint])[] = [];
  for (let epoch = 0; epoch <= 2; epoch++) {
    await chain.runTo(epoch);
    const table = chain.drawTable(epoch + 1);
    weights.push([table.length, table.find(({ operator }) => equalBytes(operator, first.account))?.weight ?? 0n]);
  }
  const half = (amount: bigint): bigint => amount / 2n;
  assert.equal(weights[0], [4, half(fair(100))]);
  assert.is(weights[1]?.[0], 5);
  assert.ok((weights[1]?.[1] as bigint) >= half(fair(160)) - 10n, "the bond counts");
  conserved(chain);
});

test("whoever opens an account by a transfer burns the fee for it, once, and is refused without it (ADR 18)", async () => {
  const [sender, poor, fresh] = [quickSigner("sender"), quickSigner("poor"), quickSigner("fresh")];
  const chain = await TestChain.create({ accounts: [sender.accountId] });
  const { accountFee } = chain.parameters;
  const pay = (from: typeof sender, to: typeof sender, amount: bigint) =>
    chain.send(from, { kind: "transfer", value: { to: to.accountId, amount: grains(amount) } });
  const burnedBy = async (work: () => Promise<unknown>): Promise<bigint> => {
    const before = chain.app.queries.chain().burned;
    assert.is(await work(), undefined);
    await chain.block();
    return chain.app.queries.chain().burned - before;
  };
  const opened = await burnedBy(() => pay(sender, poor, accountFee));
  const later = await burnedBy(() => pay(sender, poor, accountFee));
  assert.is(opened - later, accountFee);
  assert.is(balanceOf(chain, poor), 2n * accountFee);
  assert.is(await pay(poor, fresh, accountFee), "balance-too-low", "its own fee is lacking");
  assert.is(await pay(poor, sender, accountFee), undefined);
  await chain.block();
  assert.is(chain.app.queries.account(fresh.accountId), undefined);
  conserved(chain);
});

test("bonds added in one epoch wait together for the second epoch after, those of the next by themselves", async () => {
  const chain = await TestChain.create();
  const [first] = chain.operators as [TestOperator];
  const add = (amount: number) =>
    chain.send(first.signer, {
      kind: "bond",
      value: { operator: first.account, assetId: own, amount: grains(fair(amount)) },
    });
  const waiting = () =>
    chain.app.queries.operator(first.account)?.pending.map(({ epoch, amount }) => [epoch, amount] as const);
  assert.is(await add(0), "amount-zero");
  assert.equal([await add(1), await add(2)], [undefined, undefined]);
  await chain.block();
  assert.equal(waiting(), [[2, fair(3)]]);
  await chain.runTo(0);
  assert.is(await add(4), undefined);
  await chain.block();
  assert.equal(waiting(), [
    [2, fair(3)],
    [3, fair(4)],
  ]);
  // What is taken out is taken from the newest first.
  const value = { operator: first.account, assetId: own, amount: grains(fair(5)) };
  assert.is(await chain.send(first.withdrawal, { kind: "unbond", value }), undefined);
  await chain.block();
  assert.equal(waiting(), [[2, fair(2)]]);
  conserved(chain);
});

test("the sums in the chain record are the sums of the records, after all of this", async () => {
  const chain = await withCold();
  const [first] = chain.operators as [TestOperator];
  await chain.registerAsset(first);
  await chain.runTo(6);
  const draft: Draft = createDraft(chain.state);
  const sums = chainOf(draft);
  const operators = chain.app.queries.operators();
  const assets = [...chain.app.queries.assets()];
  const unbonding = [...operators, ...assets].flatMap(([, one]) => one.unbonding.map(({ amount }) => amount));
  const bonds = [...operators.map(([, one]) => one.bond), ...assets.map(([, one]) => one.bond), ...unbonding];
  assert.is(
    bonds.reduce((sum: bigint, bond) => sum + bond, 0n),
    sums.bonds,
  );
  assert.is(
    chain.accounts().reduce((sum: bigint, { balance }) => sum + balance, 0n),
    sums.balances,
  );
  assert.is(chain.accounts().length, sums.accounts);
  assert.is(operators.length, sums.operators);
  assert.is(assets.length, sums.assets);
});

test.run();
