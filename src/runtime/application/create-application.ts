// The application that consensus agrees on: the ledger behind the Application port, with its mempool, its unfinal blocks and
// its disk. Made by the composition root and by simulations, driven by the consensus driver one call at a time. Takes time
// from its callers and holds no keys but the provider of its own beacon reveals.
import { accountIdOf, type SignatureCheck } from "../../crypto/index.ts";
import {
  accountOf,
  applyTransaction,
  blockTime,
  checkGenesis,
  createDraft,
  type ExecutionContext,
  genesisDigest,
  genesisState,
  headProblem,
  isEarly,
  type LedgerState,
  operatorOf,
  type RejectionReason,
  readRecord,
  renewed,
  type SizedTransaction,
  signaturesOf,
  sized,
} from "../../ledger/index.ts";
import type { Application, CheckResult, StoreOperation, TermCommittee } from "../../ports/index.ts";
import {
  type AccountId,
  type Bytes,
  type Digest,
  digest,
  equalBytes,
  err,
  FairmeshError,
  invariant,
  keyOf,
  type NetworkId,
  ok,
  type Result,
} from "../../primitives/index.ts";
import {
  type BlockFacts,
  bodyOf,
  type Certificate,
  networkIdOf,
  numberKey,
  type Parameters,
  signedTransactionCodec,
  tables,
  transactionCodec,
} from "../../schema/index.ts";
import { type Adoption, keyIdsOf } from "./adopt-state.ts";
import { factsOf, readBlock } from "./block-form.ts";
import type { ChainBlock } from "./chain-block.ts";
import { ChainStore } from "./chain-store.ts";
import { checksName, Executor } from "./executor.ts";
import type {
  ApplicationOptions,
  CommittedBlock,
  LedgerApplication,
  Stop,
  SubmitRefusal,
} from "./ledger-application.ts";
import { Mempool, type PooledTransaction } from "./mempool.ts";
import { createQueries, type Queries } from "./queries.ts";

/** Reads what is on the disk, checks it, and is ready. Rejects with `GENESIS_INVALID`, `GENESIS_OTHER` or `STATE_DAMAGED`. */
export async function createApplication(options: ApplicationOptions): Promise<LedgerApplication> {
  const checked = checkGenesis(options.genesis);
  if (!checked.ok)
    throw new FairmeshError("GENESIS_INVALID", `no network can start from this genesis: ${checked.error}`);
  const store = new ChainStore(options.store, checked.value, options.archive);
  const first = genesisState(options.genesis, checked.value);
  const loaded = await store.load();
  if (loaded === undefined) await store.begin(first);
  else if (!equalBytes(loaded.header.networkId, networkIdOf(options.genesis))) {
    throw new FairmeshError(
      "GENESIS_OTHER",
      "the database holds another network's chain than genesis.json names: put that network's genesis file back, or use a folder of its own for each network",
    );
  }
  const header = loaded?.header ?? first.header;
  const facts =
    header.height === 0
      ? { ...factsOf(header, checked.value), digest: genesisDigest(header) }
      : factsOf(header, checked.value);
  const tip = tipOf({
    ...{ facts, header, bytes: loaded?.bytes ?? new Uint8Array(0), state: loaded?.state ?? first.state },
    ...{ settling: loaded?.settling, postings: loaded?.postings ?? [] },
  });
  return new LedgerRuntime(options, { parameters: checked.value, store, tip, finalization: loaded?.finalization });
}

/** A tip that nothing of its own block is known of any more. */
const tipOf = (
  given: Pick<ChainBlock, "facts" | "header" | "bytes" | "state" | "settling" | "postings">,
): ChainBlock => ({
  ...given,
  ...{ block: undefined, changes: [], record: undefined, settled: undefined, keys: [], parent: undefined },
});

interface Ready {
  readonly parameters: Parameters;
  readonly store: ChainStore;
  readonly tip: ChainBlock;
  readonly finalization: Certificate | undefined;
}

class LedgerRuntime implements LedgerApplication {
  readonly parameters: Parameters;
  readonly networkId: NetworkId;
  readonly queries: Queries;
  readonly mempool: Mempool;
  readonly #options: ApplicationOptions;
  readonly #store: ChainStore;
  readonly #executor: Executor;
  /** The tip and every executed block above it, by digest. */
  readonly #blocks = new Map<string, ChainBlock>();
  readonly #listeners = new Set<(block: CommittedBlock) => void>();
  #tip: ChainBlock;
  #finalization: Certificate | undefined;

  constructor(options: ApplicationOptions, ready: Ready) {
    this.#options = options;
    this.parameters = ready.parameters;
    this.networkId = networkIdOf(options.genesis);
    this.mempool = new Mempool(options.mempool);
    this.#store = ready.store;
    this.#tip = ready.tip;
    this.#finalization = ready.finalization;
    this.#blocks.set(keyOf(ready.tip.facts.digest), ready.tip);
    const { parameters, networkId } = this;
    const publicKey = (keyId: Digest): Bytes | undefined => this.#store.publicKey(keyId);
    const { verifier, breathe } = options;
    this.#executor = new Executor({ parameters, networkId, verifier, publicKey, breathe });
    this.queries = createQueries({ genesis: options.genesis, parameters, store: this.#store, tip: () => this.#tip });
  }

  tip() {
    return { facts: this.#tip.facts, finalization: this.#finalization };
  }

  committee(term: number): TermCommittee | undefined {
    return this.queries.committee(term);
  }

  inspect(bytes: Bytes): BlockFacts | undefined {
    const read = readBlock(bytes, this.networkId, this.parameters);
    return read.ok ? read.value.facts : undefined;
  }

  block(digestOf: Digest): Bytes | undefined {
    return this.#store.block(digestOf);
  }

  async build(request: Parameters4Build): Promise<{ readonly facts: BlockFacts; readonly bytes: Bytes }> {
    const parent = this.#blocks.get(keyOf(request.parent));
    invariant(parent !== undefined, "a block is built on one that was executed");
    const { seat, nowMs, parentCertificate } = request;
    const height = parent.facts.height + 1;
    const head = {
      height,
      parent: request.parent,
      timestampMs: Math.max(parent.header.timestampMs + this.parameters.blockIntervalMs, Math.floor(nowMs)),
      proposer: seat,
      beaconReveal: this.#reveal(parent, { seat, height }),
    };
    const nonceOf = (account: Bytes): number => readRecord(parent.state, tables.accounts, account)?.nonce ?? 0;
    const built = await this.#executor.build(parent, head, { pool: this.mempool, parentCertificate, nonceOf });
    if (!built.ok) throw new FairmeshError("BUILD_FAILED", `this node cannot propose a block: ${built.error}`);
    this.#blocks.set(keyOf(built.value.facts.digest), built.value);
    return { facts: built.value.facts, bytes: built.value.bytes };
  }

  #reveal(parent: ChainBlock, at: { readonly seat: number; readonly height: number }): Digest {
    const { epoch, term } = blockTime(at.height, this.parameters);
    const seat = readRecord(parent.state, tables.committees, numberKey(term))?.seats[at.seat];
    const found = seat === undefined ? undefined : readRecord(parent.state, tables.operators, seat.operator);
    const operator = found === undefined ? undefined : renewed(found, epoch);
    const reveal =
      operator === undefined
        ? undefined
        : this.#options.beacon?.reveal(operator.chainGeneration, operator.beaconRevealed);
    if (reveal === undefined) throw new FairmeshError("BEACON_MISSING", "this node has no beacon reveal for its seat");
    return reveal;
  }

  async check(bytes: Bytes, nowMs: number): Promise<CheckResult> {
    const read = readBlock(bytes, this.networkId, this.parameters);
    if (!read.ok) return { kind: "invalid", reason: read.error };
    const { facts, block } = read.value;
    const slot = keyOf(facts.digest);
    const earliest = block.header.timestampMs - this.parameters.driftMs;
    if (earliest > nowMs) return { kind: "early", atMs: earliest };
    if (this.#blocks.has(slot)) return { kind: "valid", facts };
    const parent = this.#blocks.get(keyOf(facts.parent));
    if (parent === undefined) return { kind: "unavailable", missing: facts.parent };
    const result = await this.#executor.check(parent, read.value, bytes);
    if (!result.ok) return { kind: "invalid", reason: result.error };
    this.#blocks.set(slot, result.value);
    return { kind: "valid", facts };
  }

  async commit(
    chain: readonly Digest[],
    finalization: Certificate,
    alongside: readonly StoreOperation[],
  ): Promise<void> {
    const blocks = chain.map((one) => {
      const block = this.#blocks.get(keyOf(one));
      invariant(block !== undefined, "a block that is committed was executed");
      return block;
    });
    await this.#store.commit(blocks, finalization, alongside);
    const last = blocks.at(-1);
    invariant(last !== undefined, "a commit has a block");
    this.#tip = { ...last, parent: undefined, changes: [], keys: [] };
    this.#finalization = finalization;
    this.#prune();
    for (const block of blocks) this.#tell(block);
  }

  missingKeys(state: LedgerState): readonly Digest[] {
    return keyIdsOf(state).filter((id) => this.#store.publicKey(id) === undefined);
  }

  keepKeys(keys: readonly Bytes[]): Promise<void> {
    return this.#store.keepKeys(keys.map((key) => [digest(accountIdOf(key)), key]));
  }

  async adopt(adoption: Adoption, alongside: readonly StoreOperation[]): Promise<void> {
    await this.#store.adopt(adoption, alongside);
    const { header, bytes, state, postings, finalization } = adoption;
    this.#tip = tipOf({ facts: factsOf(header, this.parameters), header, bytes, state, settling: undefined, postings });
    this.#finalization = finalization;
    this.#blocks.clear();
    this.#blocks.set(keyOf(this.#tip.facts.digest), this.#tip);
  }

  bodiesFrom(): number {
    return this.#store.retention.bodiesFrom;
  }

  /** Unfinal blocks that do not descend from the tip can never become final. */
  #prune(): void {
    const tipKey = keyOf(this.#tip.facts.digest);
    const kept = Array.from(this.#blocks.values()).filter((block) => block.facts.height > this.#tip.facts.height);
    this.#blocks.clear();
    this.#blocks.set(tipKey, this.#tip);
    for (const block of kept.sort((a, b) => a.facts.height - b.facts.height)) {
      const parent = this.#blocks.get(keyOf(block.facts.parent));
      if (parent !== undefined) this.#blocks.set(keyOf(block.facts.digest), { ...block, parent });
    }
    const nonceOf = (account: Bytes): number => readRecord(this.#tip.state, tables.accounts, account)?.nonce ?? 0;
    this.mempool.prune(this.#tip.facts.height + 1, nonceOf);
  }

  #tell({ facts, header, record, state }: ChainBlock): void {
    const { lastOfEpoch } = blockTime(facts.height, this.parameters);
    for (const listener of this.#listeners) listener({ facts, epoch: header.epoch, lastOfEpoch, state, record });
  }

  onCommit(listener: (block: CommittedBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The next block's context, on which a transaction is tried. */
  #trial(): ExecutionContext {
    return {
      draft: createDraft(this.#tip.state),
      parameters: this.parameters,
      networkId: this.networkId,
      time: blockTime(this.#tip.facts.height + 1, this.parameters),
      feeAccount: undefined,
      publicKey: (keyId) => this.mempool.shownKey(keyId) ?? this.#store.publicKey(keyId),
    };
  }

  /**
   * Why the next block could not take it, after what waits before it in its account's queue; "untried" where that cannot be
   * known: behind a gap, or behind what cannot be executed yet. The builder tries every transaction again.
   */
  #tried(one: SizedTransaction): RejectionReason | "untried" | undefined {
    const trial = this.#trial();
    const { sender, nonce } = one.transaction;
    const before = this.mempool.waiting(sender, accountOf(trial.draft, sender).nonce, nonce);
    if (before?.every((waiting) => applyTransaction(trial, waiting) === undefined) !== true) return "untried";
    const refused = applyTransaction(trial, one);
    return refused !== undefined && this.#mayWait(one, refused, trial) ? "untried" : refused;
  }

  /**
   * Nodes reach a phase a moment apart, and gossip brings a transaction once: what is early waits until it expires. Only
   * operators file such, and have a bond to lose; from anyone else it would be a way to fill mempools for nothing.
   */
  #mayWait({ transaction }: SizedTransaction, refused: RejectionReason, { draft, time }: ExecutionContext): boolean {
    if (refused !== "phase-wrong" && refused !== "epoch-wrong") return false;
    return isEarly(bodyOf(transaction), time, this.parameters) && operatorOf(draft, transaction.sender) !== undefined;
  }

  async submit(bytes: Bytes): Promise<Result<Digest, SubmitRefusal>> {
    const decoded = signedTransactionCodec.decode(bytes);
    if (!decoded.ok) return err("malformed");
    const one = sized(decoded.value as Parameters2Sized);
    const id = transactionCodec.root(one.transaction);
    if (this.mempool.has(keyOf(id))) return err("already-known");
    const trial = this.#trial();
    const problem = headProblem(trial, one);
    const { nonce } = accountOf(trial.draft, one.transaction.sender as AccountId);
    const queued = problem === "nonce-too-high" && one.transaction.nonce < nonce + 64;
    if (problem !== undefined && !queued) return err(problem);
    const checks = signaturesOf(trial, one);
    if (!checks.ok) return checks;
    if (!(await this.#allRight(checks.value))) return err("signature-wrong");
    const refused = this.#tried(one);
    if (refused !== undefined && refused !== "untried") return err(refused);
    const keys = checksName(checks.value);
    const entry: PooledTransaction = { ...one, id: keyOf(id), bytes, keys, tried: refused === undefined };
    const full = this.mempool.add(entry);
    return full === undefined ? ok(digest(id)) : err(full);
  }

  async #allRight(checks: readonly SignatureCheck[]): Promise<boolean> {
    const results = await Promise.all(checks.map((check) => this.#options.verifier.verify(check)));
    return results.every(Boolean);
  }

  async stopOf(account: AccountId): Promise<Stop | undefined> {
    const [before, trial] = [this.#trial(), this.#trial()];
    for (let { nonce } = accountOf(trial.draft, account); ; nonce++) {
      const transaction = this.mempool.waiting(account, nonce, nonce + 1)?.[0];
      if (transaction === undefined) return { nonce, transaction, refused: undefined };
      const refused = (await this.#unsigned(before, transaction)) ?? applyTransaction(trial, transaction);
      if (refused === undefined) continue;
      return this.#mayWait(transaction, refused, trial) ? undefined : { nonce, transaction, refused };
    }
  }

  /** Why a waiting transaction's signatures count no more: keys were shown or changed since it came. */
  async #unsigned(before: ExecutionContext, waiting: PooledTransaction): Promise<RejectionReason | undefined> {
    const checks = signaturesOf(before, waiting);
    if (!checks.ok) return checks.error;
    const right = checksName(checks.value) === waiting.keys || (await this.#allRight(checks.value));
    return right ? undefined : "signature-wrong";
  }
}

type Parameters4Build = Parameters0<Application["build"]>;
type Parameters0<F extends (request: never) => unknown> = F extends (request: infer R) => unknown ? R : never;
type Parameters2Sized = Parameters0<typeof sized>;
