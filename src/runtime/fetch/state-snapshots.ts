// States that peers may fetch (L-6): those after the last block of the latest terms, where a chain of committees proves the
// header that commits to them. They lie in the store as the chunks that are sent, so that a restart forgets none, and a node
// that fetches one goes on where it was interrupted and serves it in turn. Written beside the chain, never in its batches.
import { exportState, type LedgerState } from "../../ledger/index.ts";
import type { Store, StoreOperation } from "../../ports/index.ts";
import { type Bytes, bigEndian, concatBytes, fromBigEndian } from "../../primitives/index.ts";
import type { StateChunksRequest } from "../../schema/index.ts";

/** Terms whose last state is kept: whoever began to fetch one has a term's time to end. */
export const snapshotsKept = 2;

const spaces = {
  /** height -> number of chunks, once all are here. */
  whole: "state-snapshots",
  /** height, index -> chunk */
  chunks: "state-snapshot-chunks",
} as const;

const chunkKey = (height: number, index: number): Bytes => concatBytes(bigEndian(height), bigEndian(index, 4));
const rowsMax = 1 << 20;

export class StateSnapshots {
  readonly #store: Store;
  #heights: readonly number[] = [];
  #last: Promise<void> = Promise.resolve();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Learns which states the disk holds. */
  async load(): Promise<void> {
    const heights: number[] = [];
    for await (const [key] of this.#store.range(spaces.whole, bigEndian(0), bigEndian(Number.MAX_SAFE_INTEGER), 1024))
      heights.push(Number(fromBigEndian(key)));
    this.#heights = heights;
  }

  /** Heights of the states that are here whole, ascending. */
  heights(): readonly number[] {
    return this.#heights;
  }

  /** Keeps the state after the block at `height`, which ends a term; a piece at a time, one state after another. */
  keep(height: number, state: LedgerState): Promise<void> {
    const kept = this.#last.then(async () => {
      if (this.#heights.includes(height)) return;
      let index = 0;
      for (const chunk of exportState(state)) await this.stage(height, index++, chunk);
      await this.complete(height, index);
    });
    this.#last = kept.catch(() => {});
    return kept;
  }

  /** One chunk of a state that is on its way here. */
  stage(height: number, index: number, chunk: Bytes): Promise<void> {
    return this.#store.batch([{ space: spaces.chunks, key: chunkKey(height, index), value: chunk }], { sync: false });
  }

  /** All chunks are here, and their root was right: from now on the state is served; the oldest goes. */
  async complete(height: number, count: number): Promise<void> {
    await this.#store.batch([{ space: spaces.whole, key: bigEndian(height), value: bigEndian(count, 4) }], {
      sync: true,
    });
    const heights = [...this.#heights.filter((one) => one !== height), height].sort((a, b) => a - b);
    this.#heights = heights.slice(-snapshotsKept);
    for (const old of heights.slice(0, -snapshotsKept)) await this.drop(old);
    const oldest = this.#heights[0] ?? 0;
    await this.#drop(bigEndian(0), bigEndian(oldest));
  }

  /** Forgets a state, whole or not. */
  async drop(height: number): Promise<void> {
    this.#heights = this.#heights.filter((one) => one !== height);
    await this.#store.batch([{ space: spaces.whole, key: bigEndian(height) }], { sync: false });
    await this.#drop(bigEndian(height), bigEndian(height + 1));
  }

  async #drop(from: Bytes, to: Bytes): Promise<void> {
    const rows: StoreOperation[] = [];
    for await (const [key] of this.#store.range(spaces.chunks, from, to, rowsMax))
      rows.push({ space: spaces.chunks, key });
    if (rows.length > 0) await this.#store.batch(rows, { sync: false });
  }

  /** Chunks of a state that is here whole; not what an attempt to fetch it may have left behind them. */
  *chunks({ height, fromIndex }: StateChunksRequest): Iterable<Bytes> {
    const count = this.#store.get(spaces.whole, bigEndian(height));
    if (count === undefined || !this.#heights.includes(height)) return;
    let index = fromIndex;
    for (const chunk of this.staged(height, fromIndex)) {
      if (index++ >= Number(fromBigEndian(count))) return;
      yield chunk;
    }
  }

  /** The chunks that are here of a state, from number `fromIndex` on. */
  *staged(height: number, fromIndex = 0): Iterable<Bytes> {
    for (let index = fromIndex; ; index++) {
      const chunk = this.#store.get(spaces.chunks, chunkKey(height, index));
      if (chunk === undefined) return;
      yield chunk;
    }
  }
}
