// L-4: whatever a transaction holds, execution answers with a stable reason or carries it out whole; it never throws, and what
// it refuses leaves nothing behind. And L-7: what it carries out neither makes nor loses a grain.
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { accountIdOf, sha256 } from "../../src/crypto/index.ts";
import {
  applyTransaction,
  assetIdOf,
  blockTime,
  chainOf,
  createDraft,
  type ExecutionContext,
  genesisState,
  makeGenesis,
  rejectionReasons,
  sized,
  totalOf,
} from "../../src/ledger/index.ts";
import {
  type AccountId,
  assetId,
  cellAt,
  digest,
  fair,
  grains,
  keyOf,
  utf8ToBytes,
} from "../../src/primitives/index.ts";
import {
  assetTermsCodec,
  networkIdOf,
  parametersOf,
  publicKeyBytes,
  type SignedTransaction,
  signedTransactionCodec,
  type TransactionBody,
  tables,
  transactionBodies,
  transactionKinds,
  transactionOf,
} from "../../src/schema/index.ts";

const numRuns = Number(process.env.FAIRMESH_FUZZ_RUNS ?? 60);
const p = parametersOf("devnet");

const operators = [0, 1, 2, 3].map((index) => {
  const publicKey = new Uint8Array(publicKeyBytes).fill(index + 1);
  const chainEnd = sha256(utf8ToBytes(`chain ${index}`));
  return {
    publicKey,
    withdrawal: accountIdOf(publicKey),
    bond: fair(100),
    beaconCommitment: chainEnd,
    auditorCommitment: chainEnd,
    chainLength: p.beaconChainMin,
    peerId: new Uint8Array(38).fill(index),
    prefix: new Uint8Array(5),
  };
});
const senders = operators.map((operator) => accountIdOf(operator.publicKey));
const genesis = makeGenesis({
  preset: "devnet",
  name: "fuzz",
  timestampMs: 1,
  operators,
  accounts: senders.map((accountId) => ({ accountId, balance: fair(1000) })),
});
const first = genesisState(genesis, p);
const keys = new Map(first.keys.map(([id, key]) => [keyOf(id), key]));

type FuzzContext = ExecutionContext & { readonly draft: ReturnType<typeof createDraft> };

const contextAt = (height: number): FuzzContext => ({
  draft: createDraft(first.state),
  parameters: p,
  networkId: networkIdOf(genesis),
  time: blockTime(height, p),
  feeAccount: senders[3],
  publicKey: (keyId) => keys.get(keyOf(keyId)),
});

const signed = (sender: AccountId, nonce: number, body: TransactionBody): SignedTransaction => ({
  transaction: transactionOf({ sender, nonce, tip: grains(0n), expiresHeight: 1_000 }, body),
  witness: { signature: new Uint8Array(3309), publicKey: [] },
});

/** Applies it, and holds the outcome to L-4 and L-7. */
function check(ctx: FuzzContext, transaction: SignedTransaction): string | undefined {
  const before = totalOf(chainOf(ctx.draft));
  const changesBefore = ctx.draft.changes().length;
  const refused = applyTransaction(ctx, sized(transaction as never));
  if (refused === undefined) {
    assert.is(totalOf(chainOf(ctx.draft)), before, "every grain is somewhere");
  } else {
    assert.ok((rejectionReasons as readonly string[]).includes(refused), refused);
    assert.is(ctx.draft.changes().length, changesBefore, `${refused} left something behind`);
  }
  return refused;
}

for (const kind of transactionKinds) {
  test(`${kind}: mutated and random bodies`, () => {
    const empty = transactionBodies[kind].defaultValue();
    const sender = senders[0] as AccountId;
    const bytes = signedTransactionCodec.encode(signed(sender, 0, { kind, value: empty } as never) as never);
    check(contextAt(30), signed(sender, 0, { kind, value: empty } as never));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 12 }),
        fc.integer({ min: 1, max: 100 }),
        (mutations, height) => {
          const mutated = bytes.slice();
          // The head and the witness's offset stay: they are tried elsewhere, and would refuse nearly everything.
          for (const [at, value] of mutations) mutated[70 + (at % (bytes.length - 70))] = value;
          const decoded = signedTransactionCodec.decode(mutated);
          if (decoded.ok) check(contextAt(height), decoded.value as SignedTransaction);
        },
      ),
      { numRuns },
    );
  });
}

test("a transfer moves what it says; too much, a wrong number or an unknown sender is refused with its reason", () => {
  const [from, to] = senders as [AccountId, AccountId];
  const transfer = (amount: bigint): TransactionBody => ({ kind: "transfer", value: { to, amount: grains(amount) } });
  assert.is(check(contextAt(30), signed(from, 0, transfer(5n))), undefined);
  assert.is(check(contextAt(30), signed(from, 0, transfer(fair(100_000)))), "balance-too-low");
  assert.is(check(contextAt(30), signed(from, 0, transfer(0n))), "amount-zero");
  assert.is(check(contextAt(30), signed(from, 3, transfer(5n))), "nonce-too-high");
  const ctx = contextAt(30);
  assert.is(check(ctx, signed(from, 0, transfer(5n))), undefined);
  assert.is(check(ctx, signed(from, 0, transfer(5n))), "nonce-too-low");
  const stranger = digest(sha256(utf8ToBytes("stranger"))) as Uint8Array as AccountId;
  assert.ok(check(contextAt(30), signed(stranger, 0, transfer(5n))) !== undefined);
});

test("L-7: chains of valid transactions of random amounts neither make nor lose a grain, and each kind gets through", () => {
  const through = new Set<string>();
  const step = fc.record({
    kind: fc.nat(4),
    from: fc.nat(3),
    to: fc.nat(3),
    amount: fc.bigInt({ min: 1n, max: fair(400) }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
      const ctx = contextAt(30);
      const nonces = [0, 0, 0, 0];
      for (const [index, { kind, from, to, amount }] of steps.entries()) {
        const [sender, other] = [senders[from] as AccountId, senders[to] as AccountId];
        const label = sha256(utf8ToBytes(`${index}`));
        const terms = { ...assetTermsCodec.empty(), units: 4n, cell: cellAt(52.5, 13.4) };
        const own = { operator: sender, assetId: assetId(new Uint8Array(32)), amount: grains(amount) };
        const bodies: readonly TransactionBody[] = [
          { kind: "transfer", value: { to: other, amount: grains(amount) } },
          { kind: "registerAsset", value: { label, terms, bond: grains(amount) } },
          { kind: "bond", value: own },
          { kind: "unbond", value: own },
          { kind: "retireAsset", value: { assetId: assetIdOf(sender, label) } },
        ];
        const body = bodies[kind] as TransactionBody;
        if (check(ctx, signed(sender, nonces[from] as number, body)) !== undefined) continue;
        nonces[from] = (nonces[from] as number) + 1;
        through.add(body.kind);
        for (const account of senders) assert.ok((ctx.draft.read(tables.accounts, account)?.balance ?? 0n) >= 0n);
      }
    }),
    { numRuns: numRuns * 3 },
  );
  for (const kind of ["transfer", "registerAsset", "bond", "unbond"])
    assert.ok(through.has(kind), `${kind} never got through`);
});

test.run();
