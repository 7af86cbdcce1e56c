// The advertisements that a node holds: the newest of each asset, until it expires (D-2). In memory only: what is lost in a
// restart is advertised again within an epoch.

import type { Verdict } from "../../ports/index.ts";
import { type Bytes, keyOf } from "../../primitives/index.ts";
import type { Capacity, SignedCapacity } from "../../schema/index.ts";
import type { Validate } from "../../validation/index.ts";

/** Assets whose advertisements are held; beyond it the one longest unrenewed is forgotten. */
export const advertisementsMax = 200_000;

export class CapacityBook {
  readonly #validate: Validate<SignedCapacity>;
  readonly #held = new Map<string, Capacity>();
  #expired = 0;
  readonly #listeners = new Set<(capacity: Capacity) => void>();

  constructor(validate: Validate<SignedCapacity>) {
    this.#validate = validate;
  }

  /** Takes a gossiped advertisement; the verdict is gossip's. */
  async receive(bytes: Bytes): Promise<Verdict> {
    const result = await this.#validate(bytes);
    if (!result.ok) return result.error.verdict;
    const { capacity } = result.value;
    const key = keyOf(capacity.assetId);
    this.#held.delete(key);
    this.#held.set(key, capacity);
    if (this.#held.size > advertisementsMax) this.#held.delete(this.#held.keys().next().value as string);
    for (const listener of this.#listeners) listener(capacity);
    return "accept";
  }

  /** Tells of each advertisement that was taken; the answer ends it. */
  onAdvertisement(listener: (capacity: Capacity) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Drops what expired before `epoch`. */
  expire(epoch: number): void {
    if (epoch <= this.#expired) return;
    this.#expired = epoch;
    for (const [key, capacity] of this.#held) if (capacity.expiresEpoch < epoch) this.#held.delete(key);
  }

  list(): readonly Capacity[] {
    return [...this.#held.values()];
  }
}
