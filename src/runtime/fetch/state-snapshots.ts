// States that peers may fetch (L-6): those after the last block of the latest epochs, where a seal proves the header that
// commits to them. A state shares all that did not change with the one before, so keeping some costs what changed.
import { exportState, type LedgerState } from "../../ledger/index.ts";
import type { Bytes } from "../../primitives/index.ts";
import type { StateChunksRequest } from "../../schema/index.ts";

/** Epochs whose last state is kept: whoever began to fetch one has an epoch's time to end. */
export const snapshotsKept = 2;

export class StateSnapshots {
  readonly #states = new Map<number, LedgerState>();

  /** The state after the block at `height`, which ends an epoch. */
  keep(height: number, state: LedgerState): void {
    this.#states.set(height, state);
    if (this.#states.size > snapshotsKept) this.#states.delete(this.#states.keys().next().value as number);
  }

  /** Heights of the states that are kept, ascending. */
  heights(): readonly number[] {
    return [...this.#states.keys()];
  }

  /** Chunks of one of them; none when it is not kept. */
  *chunks({ height, fromIndex }: StateChunksRequest): Iterable<Bytes> {
    const state = this.#states.get(height);
    if (state !== undefined) yield* exportState(state, fromIndex);
  }
}
