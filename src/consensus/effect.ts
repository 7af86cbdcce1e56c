// What the driver has to do after a step. In this order, whatever the order of the list: everything durable (`persist`,
// the locks of `sign-*`) in one synchronous batch and the guard; `commit`; signatures, stored; only then `send`.
import type { Digest } from "../primitives/index.ts";
import type {
  BlockFacts,
  Certificate,
  Evidence,
  Proposal,
  ProposalStatement,
  Statement,
  Vote,
} from "../schema/index.ts";

export type Message =
  | { readonly kind: "vote"; readonly vote: Vote }
  | { readonly kind: "certificate"; readonly certificate: Certificate }
  /** The driver adds the block's bytes. */
  | { readonly kind: "proposal"; readonly proposal: Proposal };

export type Effect =
  /** A certificate first held, above the floor (S-14). */
  | { readonly kind: "persist"; readonly certificate: Certificate }
  /** Lock, sign, store, and bring back as `signed-vote`. */
  | { readonly kind: "sign-vote"; readonly statement: Statement }
  | { readonly kind: "sign-proposal"; readonly statement: ProposalStatement }
  /** To these seats, never to oneself. */
  | { readonly kind: "send"; readonly to: "all" | readonly number[]; readonly message: Message }
  /** Tell these what is held, so that they answer with what is not (S-8). `anyone`: any peer, for who has no seat. */
  | { readonly kind: "ask"; readonly to: "anyone" | readonly number[] }
  | {
      readonly kind: "build";
      readonly view: number;
      readonly parent: Digest;
      readonly parentCertificate: Certificate | undefined;
    }
  /**
   * Get the body (from `sources`, the likeliest first), execute it after its ancestors and bring back `checked`.
   * `notarized`: a quorum vouched for it, so its timestamp is not held against the clock (L-2).
   */
  | {
      readonly kind: "check";
      readonly digest: Digest;
      readonly notarized: boolean;
      readonly sources: readonly number[];
    }
  /** Make these final in one batch (S-7), oldest first; every one was checked. `facts` are the last one's. */
  | {
      readonly kind: "commit";
      readonly chain: readonly Digest[];
      readonly finalization: Certificate;
      readonly facts: BlockFacts;
    }
  /** Bring back `timer` with this token at or after `atMs`. Tokens are never used twice. */
  | { readonly kind: "timer"; readonly token: number; readonly atMs: number }
  /** A fault that costs a bond (S-13), once for each seat and view. */
  | { readonly kind: "evidence"; readonly evidence: Evidence; readonly seat: number }
  /** This node stopped voting, and why. */
  | { readonly kind: "observing"; readonly reason: string };

export type EffectKind = Effect["kind"];
