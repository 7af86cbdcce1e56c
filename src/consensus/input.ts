// What can happen to a consensus instance. The driver makes these one at a time; whatever a peer sent is verified first.
import type { Digest, Verified } from "../primitives/index.ts";
import type { BlockFacts, Certificate, Proposal, Vote } from "../schema/index.ts";

export type CheckOutcome =
  /** Executed on its parent, state root equal, and like all its ancestors on the disk with the next synchronous batch. */
  | { readonly kind: "valid"; readonly facts: BlockFacts }
  /** Never valid for anyone. */
  | { readonly kind: "invalid"; readonly reason: string };

export type Input = { readonly nowMs: number } & (
  | { readonly kind: "start" }
  | { readonly kind: "timer"; readonly token: number }
  | { readonly kind: "vote"; readonly vote: Verified<Vote> }
  | { readonly kind: "certificate"; readonly certificate: Verified<Certificate>; readonly fromSeat: number | undefined }
  | { readonly kind: "proposal"; readonly proposal: Verified<Proposal> }
  /** The outcome of a `build` effect, its bytes stored. */
  | { readonly kind: "built"; readonly view: number; readonly facts: BlockFacts }
  | { readonly kind: "checked"; readonly digest: Digest; readonly outcome: CheckOutcome }
  /** The outcome of a `sign-vote` or `sign-proposal` effect: locked, signed, stored, verified (S-14, S-15). */
  | { readonly kind: "signed-vote"; readonly vote: Verified<Vote> }
  | { readonly kind: "signed-proposal"; readonly proposal: Verified<Proposal> }
  /** From now on take part without voting (S-14), or vote again. */
  | { readonly kind: "observe"; readonly reason: string | undefined }
);

export type InputKind = Input["kind"];
