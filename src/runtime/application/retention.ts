// What of the chain is let go below the floor (L-9): bodies, with the places of their transactions, once nothing of theirs can be
// disputed or proved any more; finalizations but those of the last 256 blocks and of term ends. A few heights go with each
// commit, in its batch, so that a node that was set to keep less lets go step by step. Used by ChainStore alone.
import { blockTime } from "../../ledger/index.ts";
import type { Store, StoreOperation } from "../../ports/index.ts";
import { bigEndian, fromBigEndian } from "../../primitives/index.ts";
import { blockCodec, type Parameters, transactionCodec } from "../../schema/index.ts";
import { bodiesKey, applicationSpaces as spaces } from "./spaces.ts";

/** Finalizations of so many blocks are kept; those of term ends for good. */
const finalizationsKept = 256;
/** Epochs whose rewards can be explained and proved after they were settled. */
export const rewardEpochsKept = 64;
/** Heights that are let go with one commit. */
const heightsAtOnce = 16;

/**
 * The dispute window: faults can be punished for `evidenceEpochs`; a certificate's receipts lie in the epoch after its own,
 * whose record comes at that one's end. One epoch more for peers that are a little behind.
 */
export const bodyEpochsKept = (p: Parameters): number => Math.max(p.evidenceEpochs, rewardEpochsKept) + 3;

export class Retention {
  readonly #store: Store;
  readonly #parameters: Parameters;
  readonly #archive: boolean;
  /** The lowest height whose body may be here. */
  #from: number;

  constructor(store: Store, parameters: Parameters, archive: boolean) {
    this.#store = store;
    this.#parameters = parameters;
    this.#archive = archive;
    const stored = store.get(spaces.retention, bodiesKey);
    this.#from = stored === undefined ? 1 : Number(fromBigEndian(stored));
  }

  get archive(): boolean {
    return this.#archive;
  }

  /** The height from which on bodies are kept. */
  get bodiesFrom(): number {
    return this.#from;
  }

  /** After an adoption: nothing below `height` is here. */
  beginAt(height: number): StoreOperation {
    this.#from = height;
    return { space: spaces.retention, key: bodiesKey, value: bigEndian(height) };
  }

  /** What goes in the batch that makes the block at `height` final. */
  *operations(height: number): Generator<StoreOperation> {
    if (this.#archive) return;
    const p = this.#parameters;
    const old = height - finalizationsKept;
    if (old > 0 && !blockTime(old, p).lastOfTerm) yield { space: spaces.finalizations, key: bigEndian(old) };
    const floor = (blockTime(height, p).epoch - bodyEpochsKept(p)) * p.epochBlocks + 1;
    const upTo = Math.min(floor, this.#from + heightsAtOnce);
    if (upTo <= this.#from) return;
    for (let at = this.#from; at < upTo; at++) yield* this.#letGo(at);
    yield this.beginAt(upTo);
  }

  *#letGo(height: number): Generator<StoreOperation> {
    const key = bigEndian(height);
    // Layouts before kept those of epoch ends, too.
    if (!blockTime(height, this.#parameters).lastOfTerm) yield { space: spaces.finalizations, key };
    const digest = this.#store.get(spaces.heights, key);
    if (digest === undefined) return;
    const bytes = this.#store.get(spaces.blocks, digest);
    const decoded = bytes === undefined ? undefined : blockCodec.decode(bytes);
    for (const transaction of decoded?.ok ? decoded.value.transactions : []) {
      yield { space: spaces.transactions, key: transactionCodec.root(transaction) };
    }
    yield { space: spaces.blocks, key: digest };
    yield { space: spaces.heights, key };
  }
}
