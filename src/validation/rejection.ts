// Why a message was not taken, and what that says of whoever sent it: `reject` is held against the sender, `ignore` is not
// (an honest peer may send what is old, unknown or too much for us).
import type { AccountId } from "../primitives/index.ts";
import type { NetworkView } from "./network-view.ts";

export type RejectionCode =
  | "too-long"
  | "malformed"
  | "not-canonical"
  | "unknown-signer"
  | "unknown-asset"
  | "wrong-owner"
  | "wrong-epoch"
  | "expired"
  | "beyond-registered"
  | "stale-sequence"
  | "quota"
  | "duplicate"
  | "bad-signature";

export interface Rejection {
  readonly verdict: "ignore" | "reject";
  readonly code: RejectionCode;
  readonly detail: string;
}

export const ignore = (code: RejectionCode, detail: string): Rejection => ({ verdict: "ignore", code, detail });
export const reject = (code: RejectionCode, detail: string): Rejection => ({ verdict: "reject", code, detail });

/** A signature that the account's key did not make; no fault of who brings it while it may know of another key. */
export const badSignature = (view: NetworkView, signer: AccountId): Rejection =>
  (view.mayHaveOtherKey(signer) ? ignore : reject)("bad-signature", "the signature does not verify");
