// Executes blocks on their parents: checking those of others and building our own go through the same steps (S-15).
// Signatures are verified before execution. Holds no chain; the application does.
import { accountIdOf, type SignatureCheck, type Verifier } from "../../crypto/index.ts";
import {
  type BlockExecution,
  type BlockHead,
  beginBlock,
  blockTime,
  createDraft,
  createEpochSettlement,
  type EpochSettlement,
  type ExecutionContext,
  freezeOffset,
  readRecord,
  signaturesOf,
  sized,
} from "../../ledger/index.ts";
import {
  type Bytes,
  type Digest,
  digest,
  equalBytes,
  err,
  keyOf,
  type NetworkId,
  ok,
  type Result,
  zeroDigest,
} from "../../primitives/index.ts";
import {
  type Block,
  type BlockWitness,
  blockCodec,
  blockWitnessCodec,
  bodyOf,
  type Certificate,
  type CommitteeState,
  epochRecordCodec,
  type Header,
  numberKey,
  type Parameters,
  type Transaction,
  tables,
  transactionsCodec,
} from "../../schema/index.ts";
import { factsOf, type ReadBlock } from "./block-form.ts";
import type { ChainBlock } from "./chain-block.ts";
import type { Mempool, PooledTransaction } from "./mempool.ts";
import { isSampled, readParentCertificate, type SampledCertificate } from "./parent-certificate.ts";

export interface ExecutorOptions {
  readonly parameters: Parameters;
  readonly networkId: NetworkId;
  readonly verifier: Verifier;
  publicKey(keyId: Digest): Bytes | undefined;
  /** Lets the event loop go on in the middle of long work; absent: it does not. */
  readonly breathe?: (() => Promise<void>) | undefined;
}

/** A wrong block is never valid for anyone; the reason says why. */
export type BlockProblem = string;

interface Started {
  readonly execution: BlockExecution;
  /** As `execution.context`, with the state as no transaction of the block has touched it: for signatures. */
  readonly before: ExecutionContext;
  readonly settling: EpochSettlement | undefined;
  readonly keys: Map<string, readonly [Digest, Bytes]>;
}

/** What is settled at once, some milliseconds of work: votes wait on the same event loop. */
export const settleSlice = 2_000;

/** Transactions that may turn out not to fit while a block is built. */
const refusedMax = 1000;

/** Keys that a transaction shows or names. */
function keysIn(transaction: Transaction, shown: Bytes | undefined): readonly (readonly [Digest, Bytes])[] {
  const body = bodyOf(transaction);
  const named = body.kind === "rotateKey" ? [body.value.publicKey] : [];
  return [...(shown === undefined ? [] : [shown]), ...named].map((key) => [digest(accountIdOf(key)), key]);
}

export const checksName = (checks: readonly SignatureCheck[]): string =>
  checks.map((check) => keyOf(accountIdOf(check.publicKey)).slice(0, 16)).join();

export class Executor {
  readonly #options: ExecutorOptions;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** The key of an id as seen from `parent`: shown in an unfinal block, or on the disk. */
  #keyFrom(parent: ChainBlock | undefined, keyId: Digest): Bytes | undefined {
    for (let block = parent; block !== undefined; block = block.parent) {
      for (const [id, key] of block.keys) if (equalBytes(id, keyId)) return key;
    }
    return this.#options.publicKey(keyId);
  }

  #settling(parent: ChainBlock, height: number): EpochSettlement | undefined {
    const { parameters: p } = this.#options;
    const time = blockTime(height, p);
    if (time.epoch === 0 || time.offset < freezeOffset(p)) return undefined;
    if (time.offset > freezeOffset(p)) return parent.settling;
    return createEpochSettlement(parent.state, time.epoch - 1, p);
  }

  start(parent: ChainBlock, head: BlockHead): Result<Started, BlockProblem> {
    const { parameters, networkId } = this.#options;
    const settling = this.#settling(parent, head.height);
    const keys = new Map<string, readonly [Digest, Bytes]>();
    const publicKey = (keyId: Digest): Bytes | undefined => keys.get(keyOf(keyId))?.[1] ?? this.#keyFrom(parent, keyId);
    const basis = {
      state: parent.state,
      parameters,
      networkId,
      publicKey,
      settlement: settling,
      postings: parent.postings,
    };
    const begun = beginBlock(basis, head);
    if (!begun.ok) return begun;
    const before = { ...begun.value.context, draft: createDraft(parent.state) };
    return ok({ execution: begun.value, before, settling, keys });
  }

  /** What stands in a block's parent certificate, if it may carry one. */
  #sampled(
    parent: ChainBlock,
    certificate: Certificate | undefined,
    term: number,
  ): Result<SampledCertificate | undefined, BlockProblem> {
    if (certificate === undefined) return ok(undefined);
    const { parameters: p, networkId } = this.#options;
    if (!isSampled(parent.header, p.certificateEveryBlocks) || parent.header.term !== term)
      return err("certificate-unwanted");
    const committee = readRecord(parent.state, tables.committees, numberKey(term));
    if (committee === undefined) return err("certificate-term");
    const publicKey = (keyId: Digest): Bytes | undefined => this.#keyFrom(parent, keyId);
    return readParentCertificate(
      certificate,
      { header: parent.header, digest: parent.facts.digest },
      { committee: committee as CommitteeState, networkId, publicKey },
    );
  }

  async #allRight(checks: readonly SignatureCheck[]): Promise<boolean> {
    const results = await Promise.all(checks.map((check) => this.#options.verifier.verify(check)));
    return results.every(Boolean);
  }

  /** Executes someone's block on its parent; every signature in it is verified first. */
  async check(
    parent: ChainBlock,
    { block, facts }: ReadBlock,
    bytes: Bytes,
  ): Promise<Result<ChainBlock, BlockProblem>> {
    const { header, witness } = block;
    const sampled = this.#sampled(parent, witness.parentCertificate[0], header.term);
    if (!sampled.ok) return sampled;
    const head = { ...header, sampledSeats: sampled.value?.seats };
    const started = this.start(parent, head);
    if (!started.ok) return started;
    const { execution, before, keys } = started.value;
    const owed: SignatureCheck[] = [...(sampled.value?.checks ?? [])];
    const transactions = block.transactions.map((transaction, index) =>
      sized({ transaction, witness: witness.transactions[index] as BlockWitness["transactions"][number] }),
    );
    for (const one of transactions) {
      const checks = signaturesOf(before, one);
      if (!checks.ok) return checks;
      owed.push(...checks.value);
      for (const pair of keysIn(one.transaction, one.witness.publicKey[0])) keys.set(keyOf(pair[0]), pair);
    }
    if (!(await this.#allRight(owed))) return err("signature-wrong");
    for (const one of transactions) {
      const refused = execution.apply(one);
      if (refused !== undefined) return err(refused);
    }
    await this.#settle(started.value);
    const executed = execution.finish();
    if (!equalBytes(executed.state.root, header.stateRoot)) return err("state-root");
    const recordRoot = executed.record === undefined ? zeroDigest : epochRecordCodec.root(executed.record);
    if (!equalBytes(recordRoot, header.epochRecordRoot)) return err("epoch-record-root");
    return ok(this.#chainBlock(parent, { block, facts, bytes, started: started.value, executed }));
  }

  /** this block's share of the settlement. */
  async #settle({ execution, settling }: Started): Promise<void> {
    for (let left = execution.settleCost; left > 0; left -= settleSlice) {
      if (settling?.advance(Math.min(left, settleSlice)) !== false) return;
      await this.#options.breathe?.();
    }
  }

  #chainBlock(
    parent: ChainBlock,
    made: ReadBlock & {
      readonly bytes: Bytes;
      readonly started: Started;
      readonly executed: ReturnType<BlockExecution["finish"]>;
    },
  ): ChainBlock {
    const { block, facts, bytes, started, executed } = made;
    const { state, changes, record, settlement: settled } = executed;
    return {
      facts,
      header: block.header,
      block,
      bytes,
      state,
      changes,
      record,
      settling: record === undefined ? started.settling : undefined,
      settled,
      postings: settled === undefined ? parent.postings : settled.result().postings,
      keys: Array.from(started.keys.values()),
      parent,
    };
  }

  /** Our own block: what the pool offers and what fits, executed as it will be checked by others. */
  async build(
    parent: ChainBlock,
    head: Omit<BlockHead, "sampledSeats">,
    from: {
      readonly pool: Mempool;
      readonly parentCertificate: Certificate | undefined;
      readonly nonceOf: (account: Bytes) => number;
    },
  ): Promise<Result<ChainBlock, BlockProblem>> {
    const { parameters: p, networkId } = this.#options;
    const time = blockTime(head.height, p);
    const wanted = isSampled(parent.header, p.certificateEveryBlocks) && parent.header.term === time.term;
    const sampled = wanted ? this.#sampled(parent, from.parentCertificate, time.term) : ok(undefined);
    if (!sampled.ok) return sampled;
    const started = this.start(parent, { ...head, sampledSeats: sampled.value?.seats });
    if (!started.ok) return started;
    const certificate = sampled.value === undefined ? [] : [from.parentCertificate as Certificate];
    const spare = 4096 + certificate.length * 64 * 3400;
    const chosen = await this.#choose(started.value, from, p.blockBytesMax - spare);
    await this.#settle(started.value);
    const executed = started.value.execution.finish();
    const transactions = chosen.map((one) => one.transaction);
    const witness = { transactions: chosen.map((one) => one.witness), parentCertificate: certificate };
    const header: Header = {
      version: 1,
      networkId,
      height: head.height,
      epoch: time.epoch,
      term: time.term,
      parent: head.parent,
      timestampMs: head.timestampMs,
      proposer: head.proposer,
      beaconReveal: head.beaconReveal,
      transactionsRoot: transactionsCodec.root(transactions),
      witnessRoot: blockWitnessCodec.root(witness),
      stateRoot: executed.state.root,
      epochRecordRoot: executed.record === undefined ? zeroDigest : epochRecordCodec.root(executed.record),
    };
    const block: Block = { header, transactions, witness };
    const bytes = blockCodec.encode(block);
    return ok(this.#chainBlock(parent, { block, facts: factsOf(header, p), bytes, started: started.value, executed }));
  }

  async #choose(
    started: Started,
    from: { readonly pool: Mempool; readonly nonceOf: (account: Bytes) => number },
    bytesMax: number,
  ): Promise<readonly PooledTransaction[]> {
    const chosen: PooledTransaction[] = [];
    let bytes = 0;
    let refused = 0;
    // Accounts of which one was not taken: those behind it cannot be, either.
    const stuck = new Set<string>();
    for (const one of from.pool.candidates(from.nonceOf, stuck)) {
      stuck.add(keyOf(one.transaction.sender));
      // Four bytes each for two offsets, in the list of transactions and in that of witnesses.
      if (bytes + one.bytes.length + 16 > bytesMax || chosen.length >= 4096) continue;
      const checks = signaturesOf(started.before, one);
      const signed = checks.ok && (checksName(checks.value) === one.keys || (await this.#allRight(checks.value)));
      if (!signed || started.execution.apply(one) !== undefined) {
        from.pool.doubt(one.id);
        // A pool full of such must not make building slow.
        if (++refused >= refusedMax) break;
        continue;
      }
      stuck.delete(keyOf(one.transaction.sender));
      for (const pair of keysIn(one.transaction, one.witness.publicKey[0])) started.keys.set(keyOf(pair[0]), pair);
      chosen.push(one);
      bytes += one.bytes.length + 16;
    }
    return chosen;
  }
}
