// The proofs of service that a node heard: the newest of each asset (P-4). For watchers; money follows the claim on the ledger.
// In memory only: what is lost in a restart is followed by the next epoch's.
import type { Verdict } from "../../ports/index.ts";
import { type Bytes, keyOf } from "../../primitives/index.ts";
import type { ProofOfService, SignedProofOfService } from "../../schema/index.ts";
import type { Validate } from "../../validation/index.ts";

/** Assets whose proofs are held; beyond it the one longest unrenewed is forgotten. */
export const proofsMax = 50_000;

export class ProofBook {
  readonly #validate: Validate<SignedProofOfService>;
  readonly #held = new Map<string, ProofOfService>();

  constructor(validate: Validate<SignedProofOfService>) {
    this.#validate = validate;
  }

  /** Takes a gossiped proof; the verdict is gossip's. */
  async receive(bytes: Bytes): Promise<Verdict> {
    const result = await this.#validate(bytes);
    if (!result.ok) return result.error.verdict;
    const { proof } = result.value;
    const key = keyOf(proof.assetId);
    const known = this.#held.get(key);
    // Of an earlier epoch: true, but no longer the newest.
    if (known !== undefined && known.epoch > proof.epoch) return "accept";
    this.#held.delete(key);
    this.#held.set(key, proof);
    if (this.#held.size > proofsMax) this.#held.delete(this.#held.keys().next().value as string);
    return "accept";
  }

  list(): readonly ProofOfService[] {
    return [...this.#held.values()];
  }
}
