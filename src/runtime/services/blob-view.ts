// What tenants and providers of blobs need to know of the chain, all of it final.
import type { Verifier } from "../../crypto/index.ts";
import type { Log, Signer, Transport } from "../../ports/index.ts";
import type { AccountId } from "../../primitives/index.ts";
import { type Receipt, receiptCodec, signingRoot } from "../../schema/index.ts";
import type { DutyView } from "../duties/index.ts";
import type { ReceiptBook } from "./receipt-book.ts";

export type BlobView = Pick<DutyView, "networkId" | "parameters" | "head" | "asset" | "publicKey">;

export interface BlobParts {
  readonly view: BlobView;
  readonly transport: Transport;
  readonly signer: Signer;
  readonly verifier: Verifier;
  readonly receipts: ReceiptBook;
  readonly log: Log;
}

/** Stream protocols: a question a piece or a name, and for `put` up to a mebibyte. */
export const blobProtocols = {
  put: "blob-put",
  get: "blob-get",
  status: "blob-status",
  remove: "blob-remove",
  space: "blob-space",
  receipt: "blob-receipt",
} as const;

/** Whether `signer` signed the receipt, with the key that is its own in the receipt's epoch: the ledger takes no other (P-4). */
export async function isReceiptOf(
  { view, verifier }: Pick<BlobParts, "view" | "verifier">,
  receipt: Receipt,
  by: { readonly signer: AccountId; readonly signature: Uint8Array },
): Promise<boolean> {
  const publicKey = view.publicKey(by.signer, receipt.epoch);
  if (publicKey === undefined) return false;
  const root = signingRoot(receiptCodec.root(receipt), view.networkId, "receipt");
  return verifier.verify({ publicKey, root, purpose: "receipt", signature: by.signature });
}
