// Agreement: no two honest nodes ever commit different blocks at one height, and no node skips or repeats a height.
import { type Digest, keyOf } from "../../src/primitives/index.ts";
import type { BlockFacts } from "../../src/schema/index.ts";

export class AgreementChecker {
  readonly #violation: (text: string) => void;
  readonly #blocks = new Map<number, string>();
  readonly #heights = new Map<number, number>();
  /** Milliseconds from a block's timestamp to its commit, for each commit. */
  readonly finalityMs: number[] = [];

  constructor(violation: (text: string) => void) {
    this.#violation = violation;
  }

  get height(): number {
    return this.#blocks.size;
  }

  heightOf(node: number): number {
    return this.#heights.get(node) ?? 0;
  }

  committed(
    node: number,
    commit: { readonly chain: readonly Digest[]; readonly facts: BlockFacts; readonly nowMs: number },
  ): void {
    const { chain, facts, nowMs } = commit;
    const first = facts.height - chain.length + 1;
    for (const [index, digest] of chain.entries()) {
      const height = first + index;
      const known = this.#blocks.get(height);
      if (known === undefined) this.#blocks.set(height, keyOf(digest));
      else if (known !== keyOf(digest)) this.#violation(`node ${node} committed another block at height ${height}`);
    }
    this.#heights.set(node, facts.height);
    this.finalityMs.push(nowMs - facts.timestampMs);
  }

  /** A restarted node may have lost nothing that was final, unless its database was set back. */
  restarted(node: number, height: number, rolledBack: boolean): void {
    if (!rolledBack && height < this.heightOf(node)) {
      this.#violation(`node ${node} forgot final blocks: height ${height} after ${this.heightOf(node)}`);
    }
    this.#heights.set(node, height);
  }
}
