// What consensus agrees on, seen from consensus: digests, and these questions. runtime/application answers them over the
// ledger; the simulator's tests of consensus over something smaller. Calls come one at a time, never concurrently.
import type { Bytes, Digest } from "../primitives/index.ts";
import type { BlockFacts, Certificate, CommitteeRecord } from "../schema/index.ts";
import type { StoreOperation } from "./store.ts";

export type { BlockFacts };

export interface TermCommittee {
  readonly record: CommitteeRecord;
  /** `committeeRoot` of every vote in the term. */
  readonly root: Digest;
  /** Shuffles the seats into the order of leaders (S-12). */
  readonly beacon: Digest;
}

export type CheckResult =
  | { readonly kind: "valid"; readonly facts: BlockFacts }
  /** Never valid for anyone: the leader is at fault. */
  | { readonly kind: "invalid"; readonly reason: string }
  /** Cannot be judged until the parent, or something else named, is here. */
  | { readonly kind: "unavailable"; readonly missing: Digest }
  /** Held until its timestamp is near enough (L-2). */
  | { readonly kind: "early"; readonly atMs: number };

export interface Application {
  /** Where this node stands: the last committed block (genesis at first) and its finalization. */
  tip(): { readonly facts: BlockFacts; readonly finalization: Certificate | undefined };
  /** Who sits in a term and in which order they lead; undefined when that is not known yet or any more. */
  committee(term: number): TermCommittee | undefined;
  /**
   * What `bytes` say of themselves, without executing anything: undefined unless they are a canonical block *all* of whose
   * bytes the digest commits to (header, transactions and witness roots recomputed), so that wrong bytes are never taken
   * for a wrong block.
   */
  inspect(bytes: Bytes): BlockFacts | undefined;
  /** The bytes of a committed block, while they are kept (L-9). */
  block(digest: Digest): Bytes | undefined;
  /** The lowest height whose committed block may be kept. */
  bodiesFrom(): number;
  /** A new block on `parent`, which was checked or built before. */
  build(request: {
    readonly parent: Digest;
    readonly term: number;
    readonly seat: number;
    readonly nowMs: number;
    /** A certificate of `parent`, for blocks that must carry one (L-1). */
    readonly parentCertificate: Certificate | undefined;
  }): Promise<{ readonly facts: BlockFacts; readonly bytes: Bytes }>;
  /** Executes the block on its parent and keeps the outcome until commit. Verifies its transactions' signatures. */
  check(bytes: Bytes, nowMs: number): Promise<CheckResult>;
  /**
   * Makes `chain` final, oldest first, each checked before: blocks, state, `finalization` (of the last) and `alongside`
   * in one synchronous batch (S-7).
   */
  commit(chain: readonly Digest[], finalization: Certificate, alongside: readonly StoreOperation[]): Promise<void>;
}
