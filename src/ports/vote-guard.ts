// The second, append-only memory of what this node signed (S-14), outside the database, so that a database that is lost,
// rolled back or restored can never make it sign twice. Made with its key, and by nothing else.
import type { Digest } from "../primitives/index.ts";

export const guardKinds = ["notarize", "nullify", "finalize", "propose"] as const;
export type GuardKind = (typeof guardKinds)[number];

export interface GuardRecord {
  readonly term: number;
  readonly view: number;
  readonly kind: GuardKind;
  /** For a proposal, the root of its statement. */
  readonly digest: Digest;
  /** H of the signature; zero while it is only locked and not yet signed. */
  readonly signatureHash: Digest;
}

/** `damaged`: missing, or broken before its end: observe and do not vote (S-14). `torn`: only the last record was cut off. */
export type GuardState = "sound" | "torn" | "damaged";

export interface VoteGuard {
  readonly state: GuardState;
  /** Everything locked in a term, in the order it was written. */
  records(term: number): readonly GuardRecord[];
  /**
   * Whether everything that was signed in a term would be here, and more can be added: false while damaged, for terms before
   * a renewal or pruned, and for a term that was passed over. Whoever is in such a term observes.
   */
  keeps(term: number): boolean;
  /** On the disk (fdatasync) when it settles. Rejects when `state` is `damaged`. */
  append(record: GuardRecord): Promise<void>;
  /**
   * After damage: starts an empty, sound segment for `term`, later than any term it can have signed in. Called only when
   * S-14 lets the node vote again; what is damaged stays as it is.
   */
  renew(term: number): Promise<void>;
  /** Forgets segments of terms below `term`. */
  prune(term: number): Promise<void>;
  close(): Promise<void>;
}
