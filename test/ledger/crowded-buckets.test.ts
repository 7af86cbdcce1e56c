// Whoever sends money chooses the account that it goes to, and whoever claims a certificate its hash: keys can be made to crowd
// into one bucket of the state. A bucket that is nearly full takes no more from transactions, and what pays without being
// asked, a fee or a reward, always finds its account there (L-4, L-6).
import "../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { accountIdOf, sha256 } from "../../src/crypto/index.ts";
import { bucketRecordsMax, bucketRecordsOfTransactions } from "../../src/ledger/bucket.ts";
import {
  applyChanges,
  applyTransaction,
  blockTime,
  createDraft,
  type ExecutionContext,
  emptyAccount,
  genesisState,
  type LedgerState,
  makeGenesis,
  sized,
} from "../../src/ledger/index.ts";
import {
  type AccountId,
  bigEndian,
  digest,
  fair,
  grains,
  utf8ToBytes,
  zeroDigest,
} from "../../src/primitives/index.ts";
import {
  assetTermsCodec,
  energyTiers,
  networkIdOf,
  parametersOf,
  publicKeyBytes,
  type TransactionBody,
  tables,
  transactionOf,
} from "../../src/schema/index.ts";
import { testTerms } from "../support/test-chain.ts";

const p = parametersOf("devnet");
const publicKey = new Uint8Array(publicKeyBytes).fill(1);
const sender = accountIdOf(publicKey);
const end = sha256(utf8ToBytes("end"));
const chains = { beaconCommitment: end, auditorCommitment: end, chainLength: p.beaconChainMin };
const genesis = makeGenesis({
  preset: "devnet",
  name: "crowded",
  timestampMs: 1,
  operators: [
    {
      publicKey,
      withdrawal: sender,
      bond: fair(100),
      ...chains,
      peerId: new Uint8Array(38),
      prefix: new Uint8Array(5),
    },
  ],
  accounts: [{ accountId: sender, balance: fair(1000) }],
});
const first = genesisState(genesis, p).state;

/** Keys of one bucket: the first 12 bits are 0xabc. */
const crowded = (index: number): AccountId => {
  const key = bigEndian(index, 32);
  key.set([0xab, 0xc0]);
  return key as AccountId;
};

/** The state with so many records more in one bucket of accounts, and in one of energy marks. */
function stateWith(count: number): LedgerState {
  const bytes = tables.accounts.codec.encode({ ...emptyAccount, balance: grains(1n) });
  const mark = tables.energy.codec.encode({ subject: zeroDigest, epoch: 0 });
  const changes = Array.from({ length: count }, (_, index) => [
    { space: tables.accounts.space, key: crowded(index), bytes, recordRoot: zeroDigest },
    { space: tables.energy.space, key: crowded(index), bytes: mark, recordRoot: zeroDigest },
  ]);
  return applyChanges(first, changes.flat());
}
const nearlyFull = stateWith(bucketRecordsOfTransactions);

function contextOf(state: LedgerState): ExecutionContext & { readonly draft: ReturnType<typeof createDraft> } {
  const draft = createDraft(state);
  const time = blockTime(30, p);
  return {
    draft,
    parameters: p,
    networkId: networkIdOf(genesis),
    time,
    feeAccount: sender,
    publicKey: () => publicKey,
  };
}

function applied(ctx: ExecutionContext, body: TransactionBody): string | undefined {
  const nonce = ctx.draft.read(tables.accounts, sender)?.nonce ?? 0;
  const transaction = transactionOf({ sender, nonce, tip: grains(0n), expiresHeight: 1000 }, body);
  return applyTransaction(ctx, sized({ transaction, witness: { signature: new Uint8Array(0), publicKey: [] } }));
}
const transfer = (to: AccountId): TransactionBody => ({ kind: "transfer", value: { to, amount: grains(1n) } });
const fresh = crowded(10_000_000);

test("a transfer to a new account whose bucket is nearly full is refused, to one that is there or elsewhere it is not", () => {
  const ctx = contextOf(nearlyFull);
  assert.is(applied(ctx, transfer(fresh)), "state-full");
  assert.is(applied(ctx, transfer(crowded(7))), undefined);
  assert.is(applied(ctx, transfer(digest(sha256(fresh)) as Uint8Array as AccountId)), undefined);
  assert.ok(applyChanges(nearlyFull, ctx.draft.changes()).root.length === 32);
});

test("as many accounts as a block can hold transactions fit beside the last that was let in", () => {
  const ctx = contextOf(stateWith(bucketRecordsOfTransactions - 1));
  const inBlock = Math.floor(p.blockBytesMax / 3309);
  for (let index = 0; index < inBlock; index++)
    assert.is(applied(ctx, transfer(crowded(20_000_000 + index))), undefined);
  assert.ok(bucketRecordsOfTransactions + inBlock < bucketRecordsMax);
  applyChanges(nearlyFull, ctx.draft.changes());
});

test("a certificate's hash that would crowd a bucket is refused, too", () => {
  const ctx = contextOf(nearlyFull);
  const terms = testTerms();
  const energy = { ...terms.energy, evidenceTier: energyTiers.indexOf("certificate") };
  const register = (hash: Uint8Array): TransactionBody => ({
    kind: "registerAsset",
    value: {
      label: sha256(hash),
      terms: { ...assetTermsCodec.empty(), ...terms, energy: { ...energy, evidenceHash: digest(hash) } },
      bond: fair(1),
    },
  });
  assert.is(applied(ctx, register(fresh)), "state-full");
  assert.is(applied(ctx, register(sha256(fresh))), undefined);
});

test("registering opens the withdrawal account: fees and rewards, which nothing can refuse, find it there", () => {
  const register = (withdrawal: AccountId): TransactionBody => ({
    kind: "registerOperator",
    value: { bond: fair(10), withdrawal, ...chains },
  });
  const other = accountIdOf(publicKey.map(() => 2));
  const ctx = contextOf(nearlyFull);
  ctx.draft.write(tables.operators, sender, undefined);
  assert.is(applied(ctx, register(fresh)), "state-full");
  const accounts = ctx.draft.read(tables.chain, zeroDigest)?.accounts as number;
  assert.is(applied(ctx, register(other)), undefined);
  assert.equal(ctx.draft.read(tables.accounts, other), emptyAccount);
  assert.is(ctx.draft.read(tables.chain, zeroDigest)?.accounts, accounts + 1);
});

test.run();
