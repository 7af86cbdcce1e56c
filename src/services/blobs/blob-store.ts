// The blobs that a provider holds for tenants, on a storage asset's free units: pieces in order, each checked against the
// blob's root before it is written, and its leaf kept as its checksum only when its bytes are on the disk. A crash costs the
// pieces that were not yet synced; the tenant goes on from what is there. What a tenant may use is bounded before it begins.
import { merkleLeaf } from "../../crypto/index.ts";
import type { Store, Volume } from "../../ports/index.ts";
import {
  type AccountId,
  type AssetId,
  type Bytes,
  bigEndian,
  concatBytes,
  type Digest,
  equalBytes,
  FairmeshError,
  fromBigEndian,
  fromHex,
  invariant,
  keyOf,
} from "../../primitives/index.ts";
import {
  type BlobPiece,
  type BlobRecord,
  type BlobRef,
  type BlobStatus,
  blobPieceBytes,
  blobRecordCodec,
} from "../../schema/index.ts";
import { digestsOf, readNode, readPath, treeBytes, writeTree } from "../tree-file.ts";
import { blobBytesMax, blobIdOf, isPieceOf, pieceCount, pieceLength } from "./blob-pieces.ts";

const space = "blobs";
const keptSpace = "blobs-kept";
/** Blobs held for all tenants together. */
export const blobsMax = 100_000;

export interface BlobStoreParts {
  readonly volume: Volume;
  readonly store: Store;
  /** Bytes that one tenant may use of an asset. */
  readonly quotaBytes: number;
  /** Bytes that all tenants may use of an asset; 0 for one that this node does not serve. */
  readonly assetBytes: (asset: AssetId) => number;
}

export interface Owner {
  readonly assetId: AssetId;
  readonly tenant: AccountId;
}

const refuse = (code: Uppercase<string>, message: string): FairmeshError => new FairmeshError(code, message);
const keyFor = ({ assetId, tenant }: Owner, id: Digest): Bytes => concatBytes(assetId, tenant, id);
const ownerOf = ({ assetId, other }: BlobRecord): Owner => ({ assetId, tenant: other });
const nameOf = ({ assetId, tenant }: Owner): string => keyOf(concatBytes(assetId, tenant));

function add(sums: Map<string, number>, name: string, more: number): void {
  const bytes = (sums.get(name) ?? 0) + more;
  if (bytes === 0) sums.delete(name);
  else sums.set(name, bytes);
}

export class BlobStore {
  readonly #parts: BlobStoreParts;
  readonly #records = new Map<string, BlobRecord>();
  /** Bytes of the records by asset, and by asset and tenant: asked for at each piece, and there may be many records. */
  readonly #promised = new Map<string, number>();
  /** The same of what is here whole, by asset and tenant. */
  readonly #whole = new Map<string, number>();
  /** The last epoch in which a tenant signed for what it has on an asset. */
  readonly #kept = new Map<string, number>();
  /** Blobs that are being written or removed. */
  readonly #busy = new Set<string>();

  constructor(parts: BlobStoreParts) {
    this.#parts = parts;
  }

  /** Reads what an earlier run held. */
  async load(): Promise<void> {
    const end = new Uint8Array(97).fill(255);
    for await (const [key, bytes] of this.#parts.store.range(space, new Uint8Array(), end, blobsMax)) {
      const decoded = blobRecordCodec.decode(bytes);
      invariant(decoded.ok, "a stored blob record is what was stored");
      this.#hold(keyOf(key), decoded.value);
    }
    const keptEnd = new Uint8Array(65).fill(255);
    for await (const [key, bytes] of this.#parts.store.range(keptSpace, new Uint8Array(), keptEnd, blobsMax))
      this.#kept.set(keyOf(key), Number(fromBigEndian(bytes)));
  }

  /** Bytes promised to tenants of an asset, to one of them when it is named. */
  usedBytes(assetId: AssetId, tenant?: AccountId): number {
    return this.#promised.get(tenant === undefined ? keyOf(assetId) : nameOf({ assetId, tenant })) ?? 0;
  }

  /** Bytes of a tenant's blobs on an asset that are here whole: what can be signed for. */
  storedBytes(owner: Owner): number {
    return this.#whole.get(nameOf(owner)) ?? 0;
  }

  get quotaBytes(): number {
    return this.#parts.quotaBytes;
  }

  /** Rejects with `BLOB_UNKNOWN`. */
  async status(owner: Owner, id: Digest): Promise<BlobStatus> {
    const record = this.#record(owner, id);
    return { blob: record.blob, pieces: await this.#held(owner, record) };
  }

  /** Takes pieces from `first` on and answers how many are held from the start; those held before are passed over. */
  async put(
    owner: Owner,
    blob: BlobRef,
    { first, pieces, epoch }: { readonly first: number; readonly pieces: readonly BlobPiece[]; readonly epoch: number },
  ): Promise<number> {
    const id = blobIdOf(blob);
    return this.#alone(owner, id, async () => {
      const known = this.#records.get(keyOf(keyFor(owner, id)));
      const record = known ?? (await this.#reserve(owner, { blob, epoch }));
      const before = await this.#held(owner, record);
      const taken = first > before ? [] : pieces.slice(before - first);
      for (const [i, piece] of taken.entries())
        if (!isPieceOf(blob, before + i, piece)) throw refuse("BLOB_WRONG", `piece ${before + i} is not the blob's`);
      if (taken.length > 0) await this.#write(owner, id, { index: before, pieces: taken });
      if (taken.length > 0 && record.epoch < epoch) await this.#save({ ...record, epoch });
      const held = before + taken.length;
      if (held === pieceCount(blob) && record.whole === 0) await this.#finish(owner, { ...record, epoch });
      return held;
    });
  }

  /** Pieces with their paths. Rejects with `BLOB_UNKNOWN`, `BLOB_DAMAGED` or the volume's failure. */
  async *read(
    owner: Owner,
    id: Digest,
    from: { readonly first: number; readonly count: number },
  ): AsyncIterable<BlobPiece> {
    const { volume } = this.#parts;
    const { blob, whole } = this.#record(owner, id);
    if (whole === 0) throw refuse("BLOB_PARTIAL", "the blob was not stored whole");
    const leaves = pieceCount(blob);
    for (let index = from.first; index < Math.min(from.first + from.count, leaves); index++) {
      const data = await volume.read(this.#file(owner, id, "blob"), index * blobPieceBytes, pieceLength(blob, index));
      const tree = this.#file(owner, id, "tree");
      if (!equalBytes(merkleLeaf(data), await readNode(volume, tree, index)))
        throw refuse("BLOB_DAMAGED", `piece ${index} is damaged on the disk`);
      yield { data, path: [...(await readPath(volume, tree, { leaves, index }))] };
    }
  }

  async remove(owner: Owner, id: Digest): Promise<void> {
    await this.#alone(owner, id, async () => {
      this.#record(owner, id);
      await this.#drop(owner, id);
    });
  }

  /** Its tenant signed for what is here: it is kept from this epoch on. */
  async keep(owner: Owner, epoch: number): Promise<void> {
    if (this.storedBytes(owner) === 0) return;
    const key = concatBytes(owner.assetId, owner.tenant);
    await this.#parts.store.batch([{ space: keptSpace, key, value: bigEndian(epoch) }], { sync: true });
    this.#kept.set(keyOf(key), epoch);
  }

  /**
   * Removes what was not written to or signed for since `epoch`, and what is not whole and was not written to since
   * `partialEpoch`: no receipt keeps that. Answers how many. What is being written to is left alone.
   */
  async prune(epoch: number, partialEpoch = epoch): Promise<number> {
    let removed = 0;
    for (const key of [...this.#records.keys()]) {
      // Its tenant may have removed it or gone on with it while another was removed.
      const record = this.#records.get(key);
      if (record === undefined || this.#busy.has(key)) continue;
      const kept = this.#kept.get(nameOf(ownerOf(record))) ?? 0;
      const old = record.whole === 1 ? Math.max(record.epoch, kept) < epoch : record.epoch < partialEpoch;
      if (!old) continue;
      await this.remove(ownerOf(record), blobIdOf(record.blob));
      removed++;
    }
    const stale = [...this.#kept.keys()].filter((key) => (this.#kept.get(key) as number) < epoch);
    for (const key of stale) this.#kept.delete(key);
    const operations = stale.map((key) => ({ space: keptSpace, key: fromHex(key) }));
    if (operations.length > 0) await this.#parts.store.batch(operations, { sync: false });
    return removed;
  }

  #hold(key: string, record: BlobRecord): void {
    this.#forget(key);
    this.#count(record, record.blob.length);
    this.#records.set(key, record);
  }

  #forget(key: string): void {
    const record = this.#records.get(key);
    if (record !== undefined) this.#count(record, -record.blob.length);
    this.#records.delete(key);
  }

  #count(record: BlobRecord, more: number): void {
    const owner = nameOf(ownerOf(record));
    add(this.#promised, keyOf(record.assetId), more);
    add(this.#promised, owner, more);
    if (record.whole === 1) add(this.#whole, owner, more);
  }

  #record(owner: Owner, id: Digest): BlobRecord {
    const record = this.#records.get(keyOf(keyFor(owner, id)));
    if (record === undefined) throw refuse("BLOB_UNKNOWN", "this node holds no such blob of yours");
    return record;
  }

  #file({ assetId, tenant }: Owner, id: Digest, kind: "blob" | "tree"): string {
    return `${keyOf(assetId)}/blobs/${keyOf(tenant)}/${keyOf(id)}.${kind}`;
  }

  async #alone<T>(owner: Owner, id: Digest, work: () => Promise<T>): Promise<T> {
    const key = keyOf(keyFor(owner, id));
    if (this.#busy.has(key)) throw refuse("BLOB_BUSY", "this blob is being changed; ask again");
    this.#busy.add(key);
    try {
      return await work();
    } finally {
      this.#busy.delete(key);
    }
  }

  async #held(owner: Owner, { blob, whole }: BlobRecord): Promise<number> {
    if (whole === 1) return pieceCount(blob);
    const size = (await this.#parts.volume.size(this.#file(owner, blobIdOf(blob), "tree"))) ?? 0;
    return Math.min(Math.floor(size / 32), pieceCount(blob));
  }

  /** Counts the blob's whole length before its first byte comes. */
  async #reserve(
    owner: Owner,
    { blob, epoch }: { readonly blob: BlobRef; readonly epoch: number },
  ): Promise<BlobRecord> {
    const { quotaBytes, assetBytes, volume } = this.#parts;
    const { assetId, tenant } = owner;
    if (blob.length < 1 || blob.length > blobBytesMax)
      throw refuse("BLOB_LENGTH", `a blob has 1 to ${blobBytesMax} bytes`);
    if (this.#records.size >= blobsMax) throw refuse("BLOB_QUOTA", "this node holds as many blobs as it may");
    const left = quotaBytes - this.usedBytes(assetId, tenant);
    if (blob.length > left) throw refuse("BLOB_QUOTA", `${left} bytes of your quota of ${quotaBytes} are left`);
    const free = assetBytes(assetId) - this.usedBytes(assetId);
    if (blob.length > free) throw refuse("BLOB_SPACE", `the asset has ${free} bytes free`);
    const record: BlobRecord = { assetId, other: tenant, blob, whole: 0, epoch };
    // In the count from here on, before anything is waited for: two that begin at once never share the same room.
    const key = keyOf(keyFor(owner, blobIdOf(blob)));
    this.#hold(key, record);
    try {
      if (blob.length > (await volume.freeBytes())) throw refuse("VOLUME_FULL", "the provider's disk is full");
      await this.#save(record);
    } catch (error) {
      this.#forget(key);
      throw error;
    }
    return record;
  }

  /** Bytes first, on the disk; then the leaf that says that they are there. */
  async #write(
    owner: Owner,
    id: Digest,
    { index, pieces }: { readonly index: number; readonly pieces: readonly BlobPiece[] },
  ): Promise<void> {
    const { volume } = this.#parts;
    const file = this.#file(owner, id, "blob");
    await volume.write(file, index * blobPieceBytes, concatBytes(...pieces.map(({ data }) => data)));
    await volume.sync(file);
    const leaves = concatBytes(...pieces.map(({ data }) => merkleLeaf(data)));
    await volume.write(this.#file(owner, id, "tree"), index * 32, leaves);
  }

  async #finish(owner: Owner, record: BlobRecord): Promise<void> {
    const { volume } = this.#parts;
    const { blob } = record;
    const id = blobIdOf(blob);
    const tree = this.#file(owner, id, "tree");
    const leaves = digestsOf(await volume.read(tree, 0, pieceCount(blob) * 32));
    if (!equalBytes(await writeTree(volume, tree, leaves), blob.root)) {
      // Leaves that a crash left wrong: nothing is lost that the tenant does not have.
      await this.#drop(owner, id);
      throw refuse("BLOB_DAMAGED", "what was stored before does not make the blob; store it again");
    }
    invariant((await volume.size(tree)) === treeBytes(leaves.length), "a tree is whole when it is written");
    await this.#save({ ...record, whole: 1 });
  }

  /** Not whole, then no files, then no record: a crash between leaves a blob that is stored again or pruned. */
  async #drop(owner: Owner, id: Digest): Promise<void> {
    const { volume, store } = this.#parts;
    await this.#save({ ...this.#record(owner, id), whole: 0 });
    await volume.remove(this.#file(owner, id, "tree"));
    await volume.remove(this.#file(owner, id, "blob"));
    const key = keyFor(owner, id);
    await store.batch([{ space, key }], { sync: true });
    this.#forget(keyOf(key));
  }

  async #save(record: BlobRecord): Promise<void> {
    const key = keyFor(ownerOf(record), blobIdOf(record.blob));
    await this.#parts.store.batch([{ space, key, value: blobRecordCodec.encode(record) }], { sync: true });
    this.#hold(keyOf(key), record);
  }
}
