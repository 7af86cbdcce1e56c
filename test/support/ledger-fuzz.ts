// Tries the ledger with transactions of every kind that were valid once and were then changed: fields set to their ends, ids
// of others put in, lists cut, doubled and turned; on states from the middle of epochs. Each must be refused with a stable
// reason and leave nothing, or be carried out whole without making or losing a grain; none may throw (L-4, L-7).
import { type SeededRandom, seededRandom } from "../../simulation/environment/seeded-random.ts";
import { createHashChain, sha256 } from "../../src/crypto/index.ts";
import {
  applyTransaction,
  assetIdOf,
  blockTime,
  chainOf,
  createDraft,
  type ExecutionContext,
  type LedgerState,
  readRecord,
  rejectionReasons,
  signaturesOf,
  sized,
  totalOf,
} from "../../src/ledger/index.ts";
import {
  type AccountId,
  assetId,
  type Bytes,
  digest,
  equalBytes,
  fair,
  grains,
  keyOf,
  utf8ToBytes,
} from "../../src/primitives/index.ts";
import {
  bodyOf,
  type SignedTransaction,
  signedTransactionCodec,
  type Transaction,
  tables,
  transactionBodies,
  transactionCodec,
  transactionKinds,
  voteKinds,
} from "../../src/schema/index.ts";
import { quickSigner, TestChain, type TestOperator, testTerms } from "./test-chain.ts";

export interface FuzzCase {
  readonly transaction: SignedTransaction;
  /** The state and the height at which it was valid. */
  readonly state: LedgerState;
  readonly height: number;
}

const own = assetId(new Uint8Array(32));

/** What operators do besides auditing, each at a time when it is right. */
async function busy(chain: TestChain): Promise<void> {
  const [a, b, c, d] = chain.operators as [TestOperator, TestOperator, TestOperator, TestOperator];
  const asset = await chain.registerAsset(a, testTerms(0, 16n));
  await chain.registerAsset(b, testTerms(1, 50n));
  await chain.runTo(2);
  const value = { operator: b.account, assetId: own, amount: grains(fair(20)) };
  await chain.send(b.signer, { kind: "bond", value });
  await chain.send(b.withdrawal, { kind: "unbond", value });
  await chain.send(c.signer, {
    kind: "bindNode",
    value: { peerId: new Uint8Array(38), prefix: Uint8Array.of(4, 1, 2, 3, 0), seq: 1 },
  });
  const made = (role: string) => createHashChain(sha256(utf8ToBytes(role)), 512).end;
  const chains = { beaconCommitment: made("b"), auditorCommitment: made("a"), chainLength: 512 };
  const stranger = quickSigner("stranger");
  await chain.send(stranger, {
    kind: "registerOperator",
    value: { bond: grains(fair(20)), withdrawal: stranger.accountId, ...chains },
  });
  await chain.claim(a, asset, [
    { by: c.signer, units: 5n },
    { by: d.signer, units: 900n },
  ]);
  await chain.duties((entry) => entry);
  await chain.block();
  await chain.send(a.signer, { kind: "updateAsset", value: { assetId: asset, terms: testTerms(0, 12n) } });
  await chain.send(c.signer, { kind: "renewBeacon", value: chains });
  const spare = await chain.registerAsset(d, testTerms(1, 4n));
  await chain.block();
  await chain.send(d.signer, { kind: "retireAsset", value: { assetId: spare } });
  await chain.send(a.withdrawal, {
    kind: "rotateKey",
    value: { operator: d.account, publicKey: quickSigner("next").publicKey },
  });
  await chain.send(d.withdrawal, {
    kind: "rotateKey",
    value: { operator: d.account, publicKey: quickSigner("next").publicKey },
  });
  await chain.send(b.signer, { kind: "evidence", value: { evidence: equivocation(chain, a) } });
  for (let offset = 2; offset < 6; offset++) {
    await chain.duties((entry) => entry);
    await chain.block();
  }
  await chain.send(b.signer, {
    kind: "appeal",
    value: { epoch: 2, assetId: chain.assets[1] as never, deposit: grains(fair(1)) },
  });
  await chain.runTo(4);
}

function equivocation(chain: TestChain, offender: TestOperator) {
  const committee = chain.app.committee(1);
  const seat = committee?.record.seats.findIndex(({ operator }) => equalBytes(operator, offender.account)) ?? 0;
  const votes = ["x", "y"].map((text) => ({
    statement: {
      term: 1,
      committeeRoot: committee?.root as never,
      view: 3,
      kind: voteKinds.indexOf("finalize"),
      digest: sha256(utf8ToBytes(text)),
    },
    seat,
    // Signatures are the caller's: execution never looks at them.
    signature: new Uint8Array(3309),
  }));
  return { votes, proposals: [] };
}

/** Transactions of every kind that the ledger knows, each with a state in which it is valid. */
export async function fuzzCorpus(): Promise<{ readonly chain: TestChain; readonly corpus: readonly FuzzCase[] }> {
  const chain = await TestChain.create({ accounts: [quickSigner("stranger").accountId] });
  const corpus: FuzzCase[] = [];
  chain.onSend = (bytes) => {
    const decoded = signedTransactionCodec.decode(bytes);
    if (decoded.ok)
      corpus.push({ transaction: decoded.value as SignedTransaction, state: chain.state, height: chain.height + 1 });
  };
  await chain.send((chain.operators[0] as TestOperator).signer, {
    kind: "transfer",
    value: { to: quickSigner("stranger").accountId, amount: grains(1n) },
  });
  await busy(chain);
  // Kinds that are not active: their forms are tried too.
  const first = corpus[0] as FuzzCase;
  for (const kind of ["openLease", "settleLease", "closeLease", "propose", "vote"] as const) {
    const body = { selector: transactionKinds.indexOf(kind), value: transactionBodies[kind].defaultValue() };
    const transaction = { ...first.transaction.transaction, body };
    corpus.push({ ...first, transaction: { ...first.transaction, transaction } });
  }
  return { chain, corpus };
}

const numbers = [0, 1, 2, 3, 5, 12, 255, 65_535, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER];
const amounts = [0n, 1n, 2n, 999_999_999n, 1n << 32n, (1n << 63n) - 1n, (1n << 64n) - 1n];

/** Changes one thing in a value: somewhere inside, or the value itself. Values are never changed in place. */
function mutated(value: unknown, random: SeededRandom, ids: readonly Bytes[]): unknown {
  if (typeof value === "number")
    return random.below(3) === 0 ? Math.max(0, value + random.below(3) - 1) : random.pick(numbers);
  if (typeof value === "bigint") return random.below(3) === 0 ? value + BigInt(random.below(3)) : random.pick(amounts);
  if (typeof value === "boolean") return !value;
  if (value instanceof Uint8Array) {
    if (value.length === 32 && random.below(2) === 0) return random.pick(ids);
    const changed = value.slice();
    if (changed.length > 0) changed[random.below(changed.length)] = random.below(256);
    return random.below(8) === 0 ? new Uint8Array(value.length) : changed;
  }
  if (Array.isArray(value)) {
    const at = random.below(value.length + 1);
    const some = value.slice();
    if (value.length === 0) return value;
    const how = random.below(5);
    if (how === 0) some.splice(at, 1);
    else if (how === 1) some.splice(at, 0, value[random.below(value.length)]);
    else if (how === 2) some.reverse();
    else some[at % value.length] = mutated(value[at % value.length], random, ids);
    return some;
  }
  if (typeof value !== "object" || value === null) return value;
  const names = Object.keys(value);
  if (names.length === 0) return value;
  const name = random.pick(names);
  return { ...value, [name]: mutated((value as Record<string, unknown>)[name], random, ids) };
}

export interface FuzzOutcome {
  readonly cases: number;
  readonly accepted: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
}

/** Runs so many cases; throws, with the seed and the case's number, for the first that breaks a rule. */
export async function fuzzLedger(options: { readonly cases: number; readonly seed: number }): Promise<FuzzOutcome> {
  const { chain, corpus } = await fuzzCorpus();
  const random = seededRandom(`ledger ${options.seed}`);
  const accounts = [...chain.operators.map(({ account }) => account), quickSigner("stranger").accountId];
  const ids: readonly Bytes[] = [
    ...accounts,
    ...chain.assets,
    own,
    assetIdOf(accounts[0] as AccountId, digest(own)),
    ...corpus.map(({ state }) => state.root).slice(0, 3),
  ];
  const accepted: Record<string, number> = {};
  const refused: Record<string, number> = {};
  const count = (into: Record<string, number>, name: string): void => {
    into[name] = (into[name] ?? 0) + 1;
  };
  for (let at = 0; at < options.cases; ) {
    const base = random.pick(corpus);
    const ctx = contextOf(chain, base, random.below(4) === 0 ? random.below(15) : 0);
    const steps = 1 + random.below(3);
    for (let step = 0; step < steps; step++, at++) {
      const transaction = changed(random.below(4) === 0 ? base : random.pick(corpus), base.state, {
        random,
        accounts,
        ids,
      });
      if (transaction === undefined) continue;
      const kind = bodyOf(transaction.transaction as Transaction)?.kind ?? "unknown";
      try {
        signaturesOf(ctx, sized(transaction as never));
        const reason = judge(ctx, transaction);
        if (reason === undefined) count(accepted, kind);
        else count(refused, reason);
      } catch (error) {
        throw new Error(`seed ${options.seed}, case ${at}, ${kind}: ${String(error)}`, { cause: error });
      }
    }
  }
  return { cases: options.cases, accepted, refused };
}

/** A case's transaction as its sender's next one: some were sent several at a time. */
export function inTurn({ transaction, state }: FuzzCase): SignedTransaction {
  const { sender } = transaction.transaction;
  const nonce = readRecord(state, tables.accounts, sender)?.nonce ?? 0;
  return { ...transaction, transaction: { ...transaction.transaction, nonce } };
}

/** The context in which a case was valid, or one `later` blocks after it. */
export function contextOf(chain: TestChain, base: FuzzCase, later = 0): FuzzContext {
  const height = base.height + later;
  return {
    draft: createDraft(base.state),
    parameters: chain.parameters,
    networkId: chain.app.networkId,
    time: blockTime(height, chain.parameters),
    feeAccount: (chain.operators[3] as TestOperator).account,
    publicKey: (keyId) => chain.app.queries.publicKey(keyId),
  };
}

type FuzzContext = ExecutionContext & { readonly draft: ReturnType<typeof createDraft> };

/** A changed transaction, its head mostly such that its body is looked at; none when it has no encoding any more. */
function changed(
  of: FuzzCase,
  state: LedgerState,
  by: { readonly random: SeededRandom; readonly accounts: readonly AccountId[]; readonly ids: readonly Bytes[] },
): SignedTransaction | undefined {
  const { random, accounts, ids } = by;
  let { transaction, witness } = of.transaction;
  for (let changes = random.below(4); changes > 0; changes--) {
    const value = mutated(transaction.body.value, random, ids);
    transaction = { ...transaction, body: { ...transaction.body, value } };
  }
  if (random.below(20) === 0) transaction = mutated(transaction, random, ids) as typeof transaction;
  if (random.below(20) === 0) witness = mutated(witness, random, ids) as typeof witness;
  if (random.below(10) > 0) {
    const sender = random.below(3) === 0 ? random.pick(accounts) : transaction.sender;
    const nonce = readRecord(state, tables.accounts, sender)?.nonce ?? 0;
    transaction = { ...transaction, sender, nonce, expiresHeight: 1_000_000 };
  }
  try {
    const decoded = transactionCodec.decode(transactionCodec.encode(transaction as never));
    return decoded.ok ? { transaction: decoded.value as Transaction, witness } : undefined;
  } catch {
    return undefined;
  }
}

function judge(ctx: FuzzContext, transaction: SignedTransaction): string | undefined {
  const before = ctx.draft.changes();
  const total = totalOf(chainOf(ctx.draft));
  const reason = applyTransaction(ctx, sized(transaction as never));
  if (reason === undefined) {
    if (totalOf(chainOf(ctx.draft)) !== total) throw new Error("a grain was made or lost");
    ctx.draft.changes();
    return undefined;
  }
  if (!(rejectionReasons as readonly string[]).includes(reason)) throw new Error(`no known reason: ${reason}`);
  const after = ctx.draft.changes();
  const same =
    after.length === before.length &&
    after.every(({ key, recordRoot }, at) => {
      const one = before[at];
      return one !== undefined && keyOf(one.key) === keyOf(key) && equalBytes(one.recordRoot, recordRoot);
    });
  if (!same) throw new Error(`${reason} left something behind`);
  return reason;
}
