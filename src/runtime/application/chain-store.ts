// Writes final blocks to the Store and reads the chain back at a start, where the state's root is computed anew and compared
// (L-6). Everything of a commit is one batch (S-7).
import {
  applyChanges,
  blockTime,
  createEpochSettlement,
  type EpochSettlement,
  emptyState,
  freezeOffset,
  type LedgerState,
  readRecord,
  readState,
  recordsOf,
  type StateChange,
} from "../../ledger/index.ts";
import type { Store, StoreOperation } from "../../ports/index.ts";
import {
  type AssetId,
  type Bytes,
  bigEndian,
  concatBytes,
  type Digest,
  digest,
  equalBytes,
  FairmeshError,
  invariant,
} from "../../primitives/index.ts";
import {
  auditedEntriesCodec,
  blockCodec,
  type Certificate,
  type Codec,
  certificateCodec,
  chainKey,
  explanationCodec,
  type Header,
  type Parameters,
  type Posting,
  postingCodec,
  rewardLeafCodec,
  tables,
  transactionCodec,
} from "../../schema/index.ts";
import { type Adoption, adoptState, endHalfAdoption } from "./adopt-state.ts";
import { CertificateStore, foundingOperations } from "./certificate-store.ts";
import type { ChainBlock } from "./chain-block.ts";
import { Retention, rewardEpochsKept } from "./retention.ts";
import { epochKey, applicationSpaces as spaces, stateKey, tipKey } from "./spaces.ts";

const keyEnd = new Uint8Array(64).fill(255);
const tableList: readonly { readonly space: number; readonly codec: Codec<unknown> }[] = Object.values(tables) as never;

const putState = (change: StateChange): StoreOperation => ({
  space: spaces.state,
  key: stateKey(change.space, change.key),
  ...(change.bytes === undefined ? {} : { value: change.bytes }),
});

function* blockOperations(block: ChainBlock): Generator<StoreOperation> {
  const { facts } = block;
  const height = bigEndian(facts.height);
  yield { space: spaces.blocks, key: facts.digest, value: block.bytes };
  yield { space: spaces.heights, key: height, value: facts.digest };
  yield* block.changes.map(putState);
  for (const [keyId, publicKey] of block.keys) yield { space: spaces.keys, key: keyId, value: publicKey };
  for (const transaction of block.block?.transactions ?? []) {
    yield { space: spaces.transactions, key: transactionCodec.root(transaction), value: height };
  }
}

function* settledOperations(block: ChainBlock): Generator<StoreOperation> {
  const { record, settled } = block;
  if (record === undefined || settled === undefined) return;
  const { settled: rewards, postings, audited } = settled.result();
  for (let index = 0; index < rewards.count; index++) {
    const leaf = rewards.leaf(index);
    const key = epochKey(record.epoch, leaf.assetId);
    yield { space: spaces.audits, key, value: auditedEntriesCodec.encode(audited(index).slice()) };
    yield { space: spaces.rewards, key, value: rewardLeafCodec.encode(leaf) };
    yield { space: spaces.explanations, key, value: explanationCodec.encode(rewards.explanation(index)) };
  }
  for (const [index, posting] of postings.entries()) {
    const key = epochKey(record.epoch, bigEndian(index, 4));
    yield { space: spaces.postings, key, value: postingCodec.encode(posting) };
  }
}

/** Of a list by asset id: what is above `after`, at most `limit`. */
export interface Part {
  readonly after?: AssetId | undefined;
  readonly limit?: number;
}

export interface LoadedChain {
  readonly header: Header;
  readonly bytes: Bytes;
  readonly state: LedgerState;
  readonly finalization: Certificate | undefined;
  readonly settling: EpochSettlement | undefined;
  readonly postings: readonly Posting[];
}

export class ChainStore {
  readonly certificates: CertificateStore;
  readonly retention: Retention;
  readonly #store: Store;
  readonly #parameters: Parameters;
  readonly #frozen = new Map<string, Bytes>();

  constructor(store: Store, parameters: Parameters, archive = false) {
    this.#store = store;
    this.#parameters = parameters;
    this.retention = new Retention(store, parameters, archive);
    this.certificates = new CertificateStore(store, parameters);
  }

  publicKey(keyId: Digest): Bytes | undefined {
    return this.#store.get(spaces.keys, keyId);
  }

  block(digestOf: Digest): Bytes | undefined {
    return this.#store.get(spaces.blocks, digestOf);
  }

  digestAt(height: number): Digest | undefined {
    const bytes = this.#store.get(spaces.heights, bigEndian(height));
    return bytes === undefined ? undefined : digest(bytes);
  }

  finalizationAt(height: number): Certificate | undefined {
    return this.#decoded(certificateCodec, this.#store.get(spaces.finalizations, bigEndian(height)));
  }

  /** The height of the final block that holds a transaction. */
  transactionHeight(id: Digest): number | undefined {
    const bytes = this.#store.get(spaces.transactions, id);
    return bytes === undefined ? undefined : Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
  }

  #decoded<T>(codec: Codec<T>, bytes: Bytes | undefined): T | undefined {
    if (bytes === undefined) return undefined;
    const decoded = codec.decode(bytes);
    invariant(decoded.ok, "what was stored decodes", { name: codec.name });
    return decoded.value;
  }

  async #listed<T>(codec: Codec<T>, space: string, epoch: number, part: Part = {}): Promise<T[]> {
    const values: T[] = [];
    const { after, limit = 4_000_000 } = part;
    const from = after === undefined ? bigEndian(epoch) : concatBytes(epochKey(epoch, after), new Uint8Array(1));
    for await (const [, bytes] of this.#store.range(space, from, bigEndian(epoch + 1), limit)) {
      values.push(this.#decoded(codec, bytes) as T);
    }
    return values;
  }

  rewards(epoch: number, part?: Part) {
    return this.#listed(rewardLeafCodec, spaces.rewards, epoch, part);
  }

  explanation(epoch: number, assetId: Bytes) {
    return this.#decoded(explanationCodec, this.#store.get(spaces.explanations, epochKey(epoch, assetId)));
  }

  leaf(epoch: number, assetId: Bytes) {
    return this.#decoded(rewardLeafCodec, this.#store.get(spaces.rewards, epochKey(epoch, assetId)));
  }

  /** Remembers records as they were at the freeze, the first time that each of them changes after it. */
  *#frozenOperations(block: ChainBlock): Generator<StoreOperation> {
    const time = blockTime(block.facts.height, this.#parameters);
    if (time.epoch === 0 || time.offset < freezeOffset(this.#parameters)) return;
    for (const change of block.changes) {
      const key = stateKey(change.space, change.key);
      const slot = key.join();
      if (this.#frozen.has(slot) || time.lastOfEpoch) continue;
      this.#frozen.set(slot, key);
      invariant(block.parent !== undefined, "a block that is committed has its parent");
      const before = readState(block.parent.state, change.space, change.key);
      yield { space: spaces.frozen, key, value: before ?? new Uint8Array(0) };
    }
  }

  /** Forgets them: those on the disk, and those that the same commit is about to write. */
  async #thaw(): Promise<StoreOperation[]> {
    const keys = Array.from(this.#frozen.values());
    this.#frozen.clear();
    for await (const [key] of this.#store.range(spaces.frozen, new Uint8Array(0), keyEnd, 4_000_000)) keys.push(key);
    return keys.map((key) => ({ space: spaces.frozen, key }));
  }

  /** L-9: bodies, finalizations, reward tables and postings that are out of date. */
  async #outdated(block: ChainBlock): Promise<StoreOperation[]> {
    const gone: StoreOperation[] = [...this.retention.operations(block.facts.height)];
    if (block.record === undefined) return gone;
    const drop = async (space: string, epoch: number): Promise<void> => {
      if (epoch < 0) return;
      for await (const [key] of this.#store.range(space, bigEndian(epoch), bigEndian(epoch + 1), 4_000_000)) {
        gone.push({ space, key });
      }
    };
    await drop(spaces.postings, block.record.epoch - 2);
    if (this.retention.archive) return gone;
    await drop(spaces.rewards, block.record.epoch - rewardEpochsKept);
    await drop(spaces.explanations, block.record.epoch - rewardEpochsKept);
    for await (const one of this.certificates.outdated(block.record.epoch - rewardEpochsKept)) gone.push(one);
    return gone;
  }

  /** Everything of a commit in one synchronous batch (S-7). */
  async commit(
    chain: readonly ChainBlock[],
    finalization: Certificate,
    alongside: readonly StoreOperation[],
  ): Promise<void> {
    const last = chain.at(-1);
    invariant(last !== undefined, "a commit has a block");
    const operations: StoreOperation[] = [];
    for (const [index, block] of chain.entries()) {
      for (const operation of this.certificates.operations(chain, index, finalization)) operations.push(operation);
      for (const operation of this.#frozenOperations(block)) operations.push(operation);
      for (const operation of blockOperations(block)) operations.push(operation);
      for (const operation of settledOperations(block)) operations.push(operation);
      if (block.record !== undefined) operations.push(...(await this.#thaw()));
      operations.push(...(await this.#outdated(block)));
    }
    const height = bigEndian(last.facts.height);
    operations.push({ space: spaces.finalizations, key: height, value: certificateCodec.encode(finalization) });
    operations.push({ space: spaces.tip, key: tipKey, value: last.facts.digest }, ...alongside);
    await this.#store.batch(operations, { sync: true });
  }

  /** Writes the first state; a disk on which no block was committed yet is written again. */
  async begin(genesis: {
    readonly state: LedgerState;
    readonly keys: readonly (readonly [Digest, Bytes])[];
  }): Promise<void> {
    const operations: StoreOperation[] = genesis.keys.map(([key, value]) => ({ space: spaces.keys, key, value }));
    for (const { space } of tableList) {
      for (const [key, value] of recordsOf(genesis.state, space)) {
        operations.push({ space: spaces.state, key: stateKey(space, key), value });
      }
    }
    const keys = new Map(genesis.keys.map(([id, key]) => [id.join(), key]));
    operations.push(...foundingOperations(genesis.state, (id) => keys.get(id.join())));
    await this.#store.batch(operations, { sync: true });
  }

  /** Keys that a peer gave; each has to hash to its id (L-6). */
  keepKeys(keys: readonly (readonly [Digest, Bytes])[]): Promise<void> {
    return this.#store.batch(
      keys.map(([key, value]) => ({ space: spaces.keys, key, value })),
      { sync: false },
    );
  }

  /** Puts a proved state in the place of the chain that is here; a crash on the way leaves an empty disk. */
  adopt(adoption: Adoption, alongside: readonly StoreOperation[]): Promise<void> {
    const term = this.certificates.termOperations(adoption, (id) => this.publicKey(id));
    const kept = this.retention.beginAt(adoption.header.height);
    return adoptState(this.#store, adoption, [...term, kept, ...alongside]);
  }

  /** A part of the list of postings of an epoch, while it is kept. */
  async postings(epoch: number, fromIndex: number, count: number): Promise<readonly Posting[]> {
    const values: Posting[] = [];
    const [from, to] = [epochKey(epoch, bigEndian(fromIndex, 4)), bigEndian(epoch + 1)];
    for await (const [, bytes] of this.#store.range(spaces.postings, from, to, count)) {
      values.push(this.#decoded(postingCodec, bytes) as Posting);
    }
    return values;
  }

  async #readChanges(space: string): Promise<StateChange[]> {
    const changes: StateChange[] = [];
    for await (const [key, bytes] of this.#store.range(space, new Uint8Array(0), keyEnd, 1 << 30)) {
      const table = tableList.find((one) => one.space === key[0]);
      invariant(table !== undefined, "a record is of a known space", { space: key[0] });
      if (bytes.length === 0) {
        changes.push({ space: table.space, key: key.slice(1), bytes: undefined, recordRoot: new Uint8Array(32) });
        continue;
      }
      const decoded = table.codec.decode(bytes);
      if (!decoded.ok)
        throw new FairmeshError("STATE_DAMAGED", `a record of the state is damaged: ${decoded.error.detail}`);
      changes.push({ space: table.space, key: key.slice(1), bytes, recordRoot: table.codec.root(decoded.value) });
    }
    return changes;
  }

  /** The chain as it was committed; undefined on a new disk. Throws `STATE_DAMAGED` when the state is not the tip's. */
  async load(): Promise<LoadedChain | undefined> {
    if (await endHalfAdoption(this.#store)) this.retention.beginAt(1);
    const tip = this.#store.get(spaces.tip, tipKey);
    if (tip === undefined) return undefined;
    const bytes = this.#store.get(spaces.blocks, tip);
    const block = this.#decoded(blockCodec, bytes);
    if (bytes === undefined || block === undefined)
      throw new FairmeshError("STATE_DAMAGED", "the last block is missing");
    const { header } = block;
    const stored = await this.#readChanges(spaces.state);
    const base = applyChanges(emptyState, stored);
    if (!equalBytes(base.root, header.stateRoot)) {
      throw new FairmeshError(
        "STATE_DAMAGED",
        `the state on the disk is not that of block ${header.height}; restore a backup or sync anew`,
      );
    }
    const postings = await this.#readPostings(base);
    const finalization = this.finalizationAt(header.height);
    return { header, bytes, state: base, finalization, settling: await this.#resume(base, header), postings };
  }

  async #readPostings(state: LedgerState): Promise<Posting[]> {
    const settledEpochs = readRecord(state, tables.chain, chainKey)?.settledEpochs ?? 0;
    return settledEpochs === 0 ? [] : this.#listed(postingCodec, spaces.postings, settledEpochs - 1);
  }

  /** A settlement that was under way starts again from the frozen inputs. */
  async #resume(state: LedgerState, header: Header): Promise<EpochSettlement | undefined> {
    const time = blockTime(header.height, this.#parameters);
    if (time.epoch === 0 || time.lastOfEpoch || time.offset < freezeOffset(this.#parameters)) {
      // Before, commits of many blocks left some behind.
      await this.#store.batch(await this.#thaw(), { sync: false });
      return undefined;
    }
    const before = await this.#readChanges(spaces.frozen);
    for (const change of before) {
      const key = stateKey(change.space, change.key);
      this.#frozen.set(key.join(), key);
    }
    return createEpochSettlement(applyChanges(state, before), time.epoch - 1, this.#parameters);
  }
}
