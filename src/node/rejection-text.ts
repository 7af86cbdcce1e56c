// Why a transaction was refused, with what to do where a person can do something. The code itself stays in the error's reason.
import type { SubmitRefusal } from "../runtime/application/index.ts";

const advice: Readonly<Partial<Record<SubmitRefusal, string>>> = {
  malformed: "these bytes are no signed transaction",
  "already-known": "this transaction waits for a block already",
  "account-queue-full": "too many transactions of this account wait for a block",
  "pool-full": "too many transactions with higher tips wait for a block; try again later",
  "balance-too-low": "the account has less than this costs, with its fee",
  "bond-too-low": "the bond given, or what would be left of it, is under the least one, or there is not so much",
  "asset-exists": "this asset is registered already",
  "asset-retired": "this asset is retired already",
  "asset-unknown": "no such asset is registered",
  "operator-unknown": "there is no such operator: `fairmesh bond` makes this account one",
  "not-owner": "the asset belongs to another operator",
  "not-withdrawal": "the operator's withdrawal account has to sign this: name its key file with --key",
  "nonce-too-low": "another transaction of this account was first; send it again",
  "nonce-too-high": "transactions of this account before it are missing",
  "unbonding-full": "too much of this bond is being released already; wait until some of it is paid",
  "pending-full": "too many additions to this bond do not count yet; add more in a later epoch",
  "key-in-use": "this key is in use already",
  "operators-full": "the network has as many operators as it takes",
  "assets-full": "the network has as many assets as it takes",
  "state-full":
    "the ledger takes no more accounts, assets or certificates whose ids begin like this one's: use another",
  "phase-wrong": "its time in this epoch is over, or has not come",
  "epoch-wrong": "it is not about the epoch before this one",
  expired: "its time is over; make and send it again",
};

export function rejectionText(reason: SubmitRefusal): string {
  const said = advice[reason];
  return said === undefined ? reason : `${said} (${reason})`;
}
