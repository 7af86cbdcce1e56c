// The provider's side of blobs: tenants put, read and remove their own on this node's storage assets, and sign receipts, which
// are checked, countersigned and kept before the answer (P-4). Never trusts a length, a piece or a number that a tenant sends.
import {
  type AccountId,
  type AssetId,
  type Bytes,
  digest,
  equalBytes,
  FairmeshError,
  type Result,
  zeroDigest,
} from "../../primitives/index.ts";
import {
  blobGetCodec,
  blobNameCodec,
  blobPieceCodec,
  blobPutCodec,
  blobSpaceCodec,
  blobStatusCodec,
  type CountersignedReceipt,
  countersignedReceiptCodec,
  type Receipt,
  receiptCodec,
  type SignedReceipt,
  signedReceiptCodec,
  signingRoot,
} from "../../schema/index.ts";
import type { BlobStore } from "../../services/index.ts";
import { type BlobParts, blobProtocols, isReceiptOf } from "./blob-view.ts";

export interface ServeBlobsParts extends BlobParts {
  readonly blobs: BlobStore;
}

const refuse = (code: Uppercase<string>, message: string): FairmeshError => new FairmeshError(code, message);

function readQuestion<T>(decoded: Result<T, { readonly detail: string }>): T {
  if (decoded.ok) return decoded.value;
  throw refuse("BLOB_QUESTION", decoded.error.detail);
}

/** The epoch's part after which receipts of the epoch before are claimed, and no more are taken: a sixth. */
export const claimOffset = (epochBlocks: number): number => Math.floor(epochBlocks / 6);

function checkOwn({ view, signer }: ServeBlobsParts, assetId: AssetId): void {
  const asset = view.asset(assetId);
  if (asset === undefined || asset.kind !== "storage" || !equalBytes(asset.owner, signer.accountId))
    throw refuse("ASSET_UNKNOWN", "not a storage asset of this node");
}

/** Why a receipt does not follow the last one, or undefined. */
function wrongReceipt(
  parts: ServeBlobsParts,
  receipt: Receipt,
  last: CountersignedReceipt | undefined,
): string | undefined {
  const { epoch, offset } = parts.view.head();
  const { epochBlocks, storageUnitBytes } = parts.view.parameters;
  const closed = receipt.epoch === epoch - 1 && offset >= claimOffset(epochBlocks);
  if (receipt.epoch < epoch - 1 || receipt.epoch > epoch + 1 || closed)
    return `its epoch is ${receipt.epoch}, now is ${epoch}`;
  const previous = last === undefined ? zeroDigest : receiptCodec.root(last.receipt);
  if (receipt.seq !== (last?.receipt.seq ?? 0) + 1)
    return `its number is ${receipt.seq}, the last was ${last?.receipt.seq ?? 0}`;
  if (!equalBytes(receipt.previous, previous)) return "it does not follow the last one";
  if (last !== undefined && receipt.epoch < last.receipt.epoch) return "it is older than the last one";
  if (last?.receipt.epoch === receipt.epoch && receipt.units < last.receipt.units) return "it takes units back";
  const used = BigInt(parts.blobs.storedBytes({ assetId: receipt.assetId, tenant: receipt.requester }));
  if (receipt.units < 1n || (receipt.units - 1n) * BigInt(storageUnitBytes) >= used)
    return "it is not for what is stored here";
  return undefined;
}

/** Checks, countersigns and keeps; the same receipt again gets the same answer. */
async function takeReceipt(
  parts: ServeBlobsParts,
  given: SignedReceipt,
  from: AccountId,
): Promise<CountersignedReceipt> {
  const { signer, view, receipts, blobs } = parts;
  const { receipt, requesterSignature } = given;
  checkOwn(parts, receipt.assetId);
  if (!equalBytes(receipt.requester, from) || !equalBytes(receipt.provider, signer.accountId))
    throw refuse("RECEIPT_WRONG", "it is between others");
  const last = receipts.latest(receipt);
  if (last !== undefined && equalBytes(receiptCodec.root(last.receipt), receiptCodec.root(receipt))) return last;
  const wrong = wrongReceipt(parts, receipt, last);
  if (wrong !== undefined) throw refuse("RECEIPT_WRONG", wrong);
  if (!(await isReceiptOf(parts, receipt, { signer: from, signature: requesterSignature })))
    throw refuse("RECEIPT_WRONG", "its signature does not hold");
  const root = signingRoot(receiptCodec.root(receipt), view.networkId, "receipt");
  const countersigned = { receipt, requesterSignature, providerSignature: await signer.sign(root, "receipt") };
  await receipts.add(countersigned);
  await blobs.keep({ assetId: receipt.assetId, tenant: from }, view.head().epoch);
  return countersigned;
}

/** Answers tenants from now on. */
export function serveBlobs(parts: ServeBlobsParts): void {
  const { transport, blobs, signer, receipts, view } = parts;
  const nameOf = (bytes: Bytes, tenant: AccountId) => {
    const { assetId, blobId } = readQuestion(blobNameCodec.decode(bytes));
    checkOwn(parts, assetId);
    return { owner: { assetId, tenant }, id: digest(blobId) };
  };
  transport.onRequest(blobProtocols.put, async function* (bytes, tenant) {
    const { assetId, blob, first, pieces } = readQuestion(blobPutCodec.decode(bytes));
    checkOwn(parts, assetId);
    if (equalBytes(tenant, signer.accountId)) throw refuse("BLOB_OWN", "a provider is not its own tenant");
    if (view.publicKey(tenant, view.head().epoch) === undefined)
      throw refuse("TENANT_UNKNOWN", "your account has no key on the ledger yet: send a transaction first");
    const held = await blobs.put({ assetId, tenant }, blob, { first, pieces, epoch: view.head().epoch });
    yield blobStatusCodec.encode({ blob, pieces: held });
  });
  transport.onRequest(blobProtocols.get, async function* (bytes, tenant, signal) {
    const { assetId, blobId, first, count } = readQuestion(blobGetCodec.decode(bytes));
    checkOwn(parts, assetId);
    for await (const piece of blobs.read({ assetId, tenant }, digest(blobId), { first, count })) {
      if (signal.aborted) return;
      yield blobPieceCodec.encode(piece);
    }
  });
  transport.onRequest(blobProtocols.status, async function* (bytes, tenant) {
    const { owner, id } = nameOf(bytes, tenant);
    yield blobStatusCodec.encode(await blobs.status(owner, id));
  });
  transport.onRequest(blobProtocols.remove, async function* (bytes, tenant) {
    const { owner, id } = nameOf(bytes, tenant);
    await blobs.remove(owner, id);
    yield new Uint8Array([1]);
  });
  transport.onRequest(blobProtocols.space, async function* (bytes, tenant) {
    const { owner } = nameOf(bytes, tenant);
    const last = receipts.latest({ assetId: owner.assetId, requester: tenant, provider: signer.accountId });
    yield blobSpaceCodec.encode({
      quotaBytes: BigInt(blobs.quotaBytes),
      usedBytes: BigInt(blobs.usedBytes(owner.assetId, tenant)),
      receipt: last === undefined ? [] : [last],
    });
  });
  // One at a time: each receipt is judged by the one before it.
  let turn: Promise<unknown> = Promise.resolve();
  transport.onRequest(blobProtocols.receipt, async function* (bytes, tenant) {
    const given = readQuestion(signedReceiptCodec.decode(bytes));
    const taken = turn.then(() => takeReceipt(parts, given, tenant));
    turn = taken.catch(() => {});
    yield countersignedReceiptCodec.encode(await taken);
  });
}
