// L-7 over random chains of blocks: whatever operators do in random order for several epochs, money is conserved at every block,
// and the sums in the chain record are the sums of all records at every epoch's end. A failure names its seed.
import "../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { type SeededRandom, seededRandom } from "../../simulation/environment/seeded-random.ts";
import { totalOf } from "../../src/ledger/index.ts";
import { type AssetId, assetId, fair, grains } from "../../src/primitives/index.ts";
import type { ReportEntry } from "../../src/schema/index.ts";
import { quickSigner, TestChain, testTerms } from "../support/test-chain.ts";

const own = assetId(new Uint8Array(32));
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

function checkSums(chain: TestChain, label: string): void {
  const sums = chain.app.queries.chain();
  const operators = chain.app.queries.operators().map(([, one]) => one);
  const assets = [...chain.app.queries.assets()].map(([, one]) => one);
  const unbonding = [...operators, ...assets].flatMap((one) => one.unbonding.map(({ amount }) => amount as bigint));
  assert.is(
    sum([...operators, ...assets].map(({ bond }) => bond as bigint)) + sum(unbonding),
    sums.bonds,
    `${label}: bonds`,
  );
  assert.is(sum(chain.accounts().map(({ balance }) => balance as bigint)), sums.balances, `${label}: balances`);
  assert.is(sum(chain.appeals().map(({ deposit }) => deposit as bigint)), sums.deposits, `${label}: deposits`);
  assert.equal(
    [chain.accounts().length, operators.length, assets.length],
    [sums.accounts, sums.operators, sums.assets],
    label,
  );
}

/** One random thing that one random operator does; most of them are refused at times, and that is well. */
async function act(chain: TestChain, random: SeededRandom): Promise<void> {
  const actor = random.pick(chain.operators);
  const other = random.pick(chain.operators);
  const { signer, account } = actor;
  const amount = grains(fair(random.below(60)) / (random.chance(200_000) ? 7n : 1n));
  const asset = (): AssetId => (chain.assets.length === 0 ? own : random.pick(chain.assets));
  const epoch = Math.floor(chain.height / chain.parameters.epochBlocks) - 1;
  const actions: (() => Promise<unknown>)[] = [
    () => chain.send(signer, { kind: "transfer", value: { to: other.account, amount } }),
    () => chain.send(signer, { kind: "transfer", value: { to: quickSigner(`${random.below(9)}`).accountId, amount } }),
    () =>
      chain.send(signer, {
        kind: "bond",
        value: { operator: other.account, assetId: random.chance(500_000) ? own : asset(), amount },
      }),
    () =>
      chain.send(actor.withdrawal, {
        kind: "unbond",
        value: { operator: account, assetId: random.chance(500_000) ? own : asset(), amount },
      }),
    () => chain.registerAsset(actor, testTerms(random.below(2), BigInt(1 + random.below(50))), 1 + random.below(20)),
    () =>
      chain.send(signer, { kind: "updateAsset", value: { assetId: asset(), terms: testTerms(random.below(2), 3n) } }),
    () => chain.send(signer, { kind: "retireAsset", value: { assetId: asset() } }),
    () =>
      chain.send(signer, {
        kind: "appeal",
        value: { epoch, assetId: asset(), deposit: grains(fair(1 + random.below(3))) },
      }),
    () =>
      epoch < 0
        ? Promise.resolve()
        : chain.claim(actor, asset(), [{ by: other.signer, units: BigInt(random.below(500)) }]),
  ];
  await random.pick(actions)();
}

let auditsPaid = 0n;
let assetsMade = 0;

for (const seed of [Date.now() % 100_000, 1, 2].slice(0, Number(process.env.FAIRMESH_CHAINS ?? 3))) {
  test(`a random chain of eight epochs, seed ${seed}`, async () => {
    const random = seededRandom(`chains ${seed}`);
    // Bonds are paid out within the run.
    const parameters = { unbondingEpochs: 1, trustingEpochs: 1, evidenceEpochs: 1 };
    const chain = await TestChain.create({ parameters });
    const lie = (entry: ReportEntry): ReportEntry =>
      random.chance(150_000) ? { ...entry, measured: BigInt(random.below(40)), passed: random.below(2) } : entry;
    for (const { account, withdrawal } of chain.operators) {
      const value = { operator: account, assetId: own, amount: grains(fair(5)) };
      await chain.send(withdrawal, { kind: "unbond", value });
    }
    const { epochBlocks } = chain.parameters;
    while (chain.height < 8 * epochBlocks) {
      if (chain.height % epochBlocks === 0) chain.silentReports = random.chance(300_000) ? [random.below(4)] : [];
      // What was refused after it was submitted leaves a gap in its sender's numbers: they are counted from the ledger again.
      chain.recount();
      if (random.chance(700_000)) await act(chain, random);
      await chain.duties(lie);
      await chain.block();
      const sums = chain.app.queries.chain();
      assert.is(totalOf(sums), chain.parameters.supplyAtGenesis + sums.emitted, `seed ${seed}, height ${chain.height}`);
      if (chain.height % epochBlocks === 0) checkSums(chain, `seed ${seed}, height ${chain.height}`);
    }
    auditsPaid += sum([2, 3, 4, 5, 6].map((epoch) => chain.app.queries.epochRecord(epoch)?.auditPay ?? 0n));
    assetsMade += chain.assets.length;
  });
}

test("in those chains assets were registered, audited and paid", () => {
  assert.ok(auditsPaid > 0n);
  assert.ok(assetsMade > 10);
});

test.run();
