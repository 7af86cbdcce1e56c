// The tenant's side of blobs: stores content on another's storage asset, reads it back checking every piece, removes it, and
// signs a receipt for what it has there (P-4) each epoch, but only after a piece drawn at random came back right. An upload
// that breaks off goes on where the provider's pieces end.
import { merkleLeaf, merkleLevels, merklePath } from "../../crypto/index.ts";
import type { Random, Store } from "../../ports/index.ts";
import {
  type AccountId,
  type AssetId,
  type Bytes,
  concatBytes,
  type Digest,
  digest,
  equalBytes,
  FairmeshError,
  invariant,
  keyOf,
  zeroDigest,
} from "../../primitives/index.ts";
import {
  type BlobRecord,
  type BlobRef,
  blobGetCodec,
  blobNameCodec,
  blobPieceBytes,
  blobPieceCodec,
  blobPiecesMax,
  blobPutCodec,
  blobRecordCodec,
  blobSpaceCodec,
  blobStatusCodec,
  type Codec,
  type CountersignedReceipt,
  countersignedReceiptCodec,
  type Receipt,
  receiptCodec,
  signedReceiptCodec,
  signingRoot,
} from "../../schema/index.ts";
import { blobBytesMax, blobIdOf, isPieceOf, pieceCount, pieceLength } from "../../services/index.ts";
import { type BlobParts, blobProtocols, isReceiptOf } from "./blob-view.ts";

const space = "tenant-blobs";
const recordsMax = 100_000;
/** One question and its answer. */
const questionMs = 30_000;

export interface TenantParts extends BlobParts {
  readonly store: Store;
  readonly random: Random;
}

/** Content to store: read in pieces, twice. */
export interface BlobSource {
  readonly length: number;
  read(at: number, length: number): Promise<Bytes>;
}

const fail = (code: Uppercase<string>, message: string): FairmeshError => new FairmeshError(code, message);

export class Tenant {
  readonly #parts: TenantParts;
  readonly #stopped = new AbortController();
  readonly #signed = new Map<string, number>();
  /** The last epoch for which everything was signed. */
  #settled = -1;
  #renewing = false;
  /** One at a time: each receipt follows the one before it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: TenantParts) {
    this.#parts = parts;
  }

  stop(): void {
    this.#stopped.abort(new Error("stopping"));
  }

  /**
   * Stores the content and answers its id when the provider holds it whole and a receipt is signed. Called again after a
   * failure, it sends only what is missing. Rejects with `ASSET_UNKNOWN`, `BLOB_LENGTH`, or the provider's reason.
   */
  async put(assetId: AssetId, source: BlobSource, onProgress: (ppm: number) => void = () => {}): Promise<Digest> {
    const provider = this.#provider(assetId);
    if (source.length < 1 || source.length > blobBytesMax)
      throw fail("BLOB_LENGTH", `a blob has 1 to ${blobBytesMax} bytes`);
    const read = (index: number) =>
      source.read(index * blobPieceBytes, Math.min(blobPieceBytes, source.length - index * blobPieceBytes));
    const leaves: Digest[] = [];
    for (let index = 0; index * blobPieceBytes < source.length; index++) leaves.push(merkleLeaf(await read(index)));
    const levels = merkleLevels(leaves);
    const blob: BlobRef = { length: source.length, root: levels.at(-1)?.[0] as Digest };
    const send = async (first: number, count: number): Promise<number> => {
      const pieces = [];
      for (let index = first; index < Math.min(first + count, leaves.length); index++)
        pieces.push({ data: await read(index), path: [...merklePath(levels, index)] });
      const question = blobPutCodec.encode({ assetId, blob, first, pieces });
      return (await this.#ask(provider, "put", question, blobStatusCodec)).pieces;
    };
    // Nothing is sent first: the answer says where to begin.
    let held = await send(0, 0);
    while (held < leaves.length) {
      const now = await send(held, blobPiecesMax);
      if (now <= held || now > leaves.length) throw fail("BLOB_REFUSED", "the provider takes no more of the blob");
      held = now;
      onProgress(Math.floor((held * 1_000_000) / leaves.length));
    }
    const id = blobIdOf(blob);
    await this.#remember({ assetId, other: provider, blob, whole: 1, epoch: this.#parts.view.head().epoch });
    await this.#sign(assetId, provider);
    return id;
  }

  /** What the provider holds of a blob. Rejects when it holds none. */
  async status(assetId: AssetId, id: Digest): Promise<{ readonly blob: BlobRef; readonly pieces: number }> {
    const question = blobNameCodec.encode({ assetId, blobId: id });
    const status = await this.#ask(this.#provider(assetId), "status", question, blobStatusCodec);
    if (!equalBytes(blobIdOf(status.blob), id)) throw fail("BLOB_WRONG", "the provider speaks of another blob");
    return status;
  }

  /** `length` bytes from `at`, each checked against the blob's id before it is handed on. */
  async *get(
    assetId: AssetId,
    id: Digest,
    range?: { readonly at: number; readonly length: number },
  ): AsyncIterable<Bytes> {
    const { blob } = await this.status(assetId, id);
    const at = Math.min(range?.at ?? 0, blob.length);
    const end = Math.min(at + (range?.length ?? blob.length), blob.length);
    const first = Math.floor(at / blobPieceBytes);
    const count = Math.ceil(end / blobPieceBytes) - first;
    if (count <= 0 || end <= at) return;
    let index = first;
    for await (const data of this.#pieces(assetId, { blob, first, count })) {
      const start = index * blobPieceBytes;
      yield data.subarray(Math.max(0, at - start), Math.min(data.length, end - start));
      index++;
    }
    if (index < first + count) throw fail("BLOB_WRONG", `the provider sent ${index - first} of ${count} pieces`);
  }

  /** Removes a blob there and here. */
  async remove(assetId: AssetId, id: Digest): Promise<void> {
    const question = blobNameCodec.encode({ assetId, blobId: id });
    await this.#ask(this.#provider(assetId), "remove", question);
    await this.#parts.store.batch([{ space, key: concatBytes(assetId, id) }], { sync: true });
  }

  /** What this node has stored elsewhere. */
  async list(): Promise<readonly BlobRecord[]> {
    const found: BlobRecord[] = [];
    const end = new Uint8Array(65).fill(255);
    for await (const [, bytes] of this.#parts.store.range(space, new Uint8Array(), end, recordsMax)) {
      const decoded = blobRecordCodec.decode(bytes);
      invariant(decoded.ok, "a stored blob record is what was stored");
      found.push(decoded.value);
    }
    return found;
  }

  /** Called after each final block: signs once an epoch for what is held, behind the blocks; tries again at the next. */
  async onBlock(): Promise<void> {
    const { epoch } = this.#parts.view.head();
    if (this.#renewing || this.#settled === epoch) return;
    const owed = (await this.list()).filter((record) => this.#signed.get(keyOf(record.assetId)) !== epoch);
    if (owed.length === 0) this.#settled = epoch;
    if (owed.length === 0 || this.#renewing) return;
    this.#renewing = true;
    void this.#renew(owed).finally(() => {
      this.#renewing = false;
    });
  }

  async #renew(records: readonly BlobRecord[]): Promise<void> {
    const byAsset = new Map<string, BlobRecord[]>();
    for (const record of records) {
      const key = keyOf(record.assetId);
      byAsset.set(key, [...(byAsset.get(key) ?? []), record]);
    }
    for (const held of byAsset.values()) {
      const record = held[this.#parts.random.below(held.length)] as BlobRecord;
      try {
        await this.#probe(record);
        await this.#sign(record.assetId, record.other);
      } catch (cause) {
        if (this.#stopped.signal.aborted) return;
        const asset = keyOf(record.assetId).slice(0, 12);
        this.#parts.log.warn("a provider did not show a blob; no receipt is signed", { asset, cause: String(cause) });
      }
    }
  }

  async #probe({ assetId, blob }: BlobRecord): Promise<void> {
    const first = this.#parts.random.below(pieceCount(blob));
    for await (const _ of this.#pieces(assetId, { blob, first, count: 1 })) return;
    throw fail("BLOB_WRONG", "the provider sent nothing");
  }

  async *#pieces(
    assetId: AssetId,
    { blob, first, count }: { readonly blob: BlobRef; readonly first: number; readonly count: number },
  ): AsyncIterable<Bytes> {
    const question = blobGetCodec.encode({ assetId, blobId: blobIdOf(blob), first, count });
    const provider = this.#provider(assetId);
    let index = first;
    const { signal } = this.#stopped;
    for await (const chunk of this.#parts.transport.request(provider, blobProtocols.get, question, signal)) {
      const piece = blobPieceCodec.decode(chunk);
      if (!piece.ok || index >= first + count || !isPieceOf(blob, index, piece.value))
        throw fail("BLOB_WRONG", `piece ${index} is not the blob's`);
      invariant(piece.value.data.length === pieceLength(blob, index), "a checked piece has its length");
      yield piece.value.data;
      index++;
    }
  }

  #sign(assetId: AssetId, provider: AccountId): Promise<void> {
    const signed = this.#turn.then(() => this.#signNext(assetId, provider));
    this.#turn = signed.catch(() => {});
    return signed;
  }

  /** Signs for everything this node has on the asset, on from the last receipt that either side knows. */
  async #signNext(assetId: AssetId, provider: AccountId): Promise<void> {
    const { view, signer, receipts } = this.#parts;
    const requester = signer.accountId;
    const { epoch } = view.head();
    const last = await this.#lastReceipt(assetId, provider);
    const held = (await this.list()).filter((record) => equalBytes(record.assetId, assetId));
    const bytes = BigInt(held.reduce((sum, { blob }) => sum + blob.length, 0));
    const unit = BigInt(view.parameters.storageUnitBytes);
    const units = (bytes + unit - 1n) / unit;
    const before = last?.receipt.epoch === epoch ? last.receipt.units : 0n;
    if (units > before) {
      const receipt: Receipt = {
        ...{ assetId, requester, provider, epoch, units },
        seq: (last?.receipt.seq ?? 0) + 1,
        previous: last === undefined ? zeroDigest : receiptCodec.root(last.receipt),
      };
      const root = signingRoot(receiptCodec.root(receipt), view.networkId, "receipt");
      const requesterSignature = await signer.sign(root, "receipt");
      const question = signedReceiptCodec.encode({ receipt, requesterSignature });
      const answer = await this.#ask(provider, "receipt", question, countersignedReceiptCodec);
      const same = equalBytes(receiptCodec.root(answer.receipt), receiptCodec.root(receipt));
      if (
        !same ||
        !(await isReceiptOf(this.#parts, receipt, { signer: provider, signature: answer.providerSignature }))
      )
        throw fail("RECEIPT_WRONG", "the provider's signature does not hold");
      await receipts.add({ ...answer, requesterSignature });
    }
    this.#signed.set(keyOf(assetId), epoch);
  }

  /** This node's own, or the provider's when it has a newer one with this node's signature. */
  async #lastReceipt(assetId: AssetId, provider: AccountId): Promise<CountersignedReceipt | undefined> {
    const { signer, receipts } = this.#parts;
    const own = receipts.latest({ assetId, requester: signer.accountId, provider });
    const question = blobNameCodec.encode({ assetId, blobId: digest(zeroDigest) });
    const theirs = (await this.#ask(provider, "space", question, blobSpaceCodec)).receipt[0];
    if (theirs === undefined || theirs.receipt.seq <= (own?.receipt.seq ?? 0)) return own;
    const { receipt, requesterSignature: signature } = theirs;
    const ours = equalBytes(receipt.assetId, assetId) && equalBytes(receipt.provider, provider);
    const by = { signer: signer.accountId, signature };
    if (!ours || !equalBytes(receipt.requester, signer.accountId) || !(await isReceiptOf(this.#parts, receipt, by)))
      throw fail("RECEIPT_WRONG", "the provider shows a receipt that this node did not sign");
    return theirs;
  }

  #provider(assetId: AssetId): AccountId {
    const asset = this.#parts.view.asset(assetId);
    if (asset === undefined || asset.kind !== "storage") throw fail("ASSET_UNKNOWN", "not a registered storage asset");
    return asset.owner;
  }

  async #remember(record: BlobRecord): Promise<void> {
    const key = concatBytes(record.assetId, blobIdOf(record.blob));
    await this.#parts.store.batch([{ space, key, value: blobRecordCodec.encode(record) }], { sync: true });
    this.#settled = -1;
  }

  /** The one chunk of an answer, decoded. */
  async #ask<T>(to: AccountId, what: keyof typeof blobProtocols, question: Bytes, codec?: Codec<T>): Promise<T> {
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(questionMs)]);
    for await (const chunk of this.#parts.transport.request(to, blobProtocols[what], question, signal)) {
      if (codec === undefined) return undefined as T;
      const decoded = codec.decode(chunk);
      if (decoded.ok) return decoded.value;
      throw fail("BLOB_WRONG", decoded.error.detail);
    }
    throw fail("BLOB_REFUSED", "the provider answered nothing");
  }
}
