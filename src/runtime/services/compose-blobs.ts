// Wires what a node does with blobs: what it holds for tenants when it has room, what it stores with others, and the receipts,
// claims and proofs between them.
import type { Verifier } from "../../crypto/index.ts";
import type { Log, Random, Signer, Store, Transport, Volume } from "../../ports/index.ts";
import { type AssetId, equalBytes } from "../../primitives/index.ts";
import { BlobStore } from "../../services/index.ts";
import type { DutyView } from "../duties/index.ts";
import { ClaimKeeper } from "./claim-keeper.ts";
import type { ProofBook } from "./proof-book.ts";
import { ReceiptBook } from "./receipt-book.ts";
import { serveBlobs } from "./serve-blobs.ts";
import { Tenant } from "./tenant.ts";

/** Epochs that a tenant's blobs are kept without a receipt for them. */
const blobEpochsKept = 168;
/** Epochs that an upload which broke off is kept. */
const partialEpochsKept = 24;

/** Where tenants' blobs lie, and how many bytes of them one tenant may store. */
export interface BlobRoom {
  readonly volume: Volume;
  readonly tenantBytes: number;
}

export interface BlobServicesParts {
  readonly view: DutyView;
  readonly transport: Transport;
  readonly signer: Signer;
  readonly verifier: Verifier;
  readonly store: Store;
  readonly random: Random;
  readonly log: Log;
  /** Absent: this node holds nothing for others. */
  readonly room: BlobRoom | undefined;
  /** Ids of the assets that this node serves. */
  readonly assets: () => readonly AssetId[];
  /** Asked for when there is a proof: the book needs what is wired later. */
  readonly proofs: () => ProofBook;
}

export interface BlobServices {
  readonly tenant: Tenant;
  readonly claims: ClaimKeeper;
  /** Units of an asset that tenants use. */
  usedUnits(asset: AssetId): bigint;
  /** Reads what is held for tenants. */
  start(): Promise<void>;
  onBlock(): Promise<void>;
  stop(): void;
}

function serveRoom(parts: BlobServicesParts, room: BlobRoom, receipts: ReceiptBook): BlobStore {
  const { view, assets, store } = parts;
  const blobs = new BlobStore({
    ...{ volume: room.volume, store },
    quotaBytes: room.tenantBytes,
    assetBytes: (id) =>
      assets().some((own) => equalBytes(own, id))
        ? Number(view.asset(id)?.terms.units ?? 0n) * view.parameters.storageUnitBytes
        : 0,
  });
  serveBlobs({ ...parts, receipts, blobs });
  return blobs;
}

export function composeBlobs(parts: BlobServicesParts): BlobServices {
  const { view, log, room } = parts;
  const receipts = new ReceiptBook(parts.store);
  const blobs = room === undefined ? undefined : serveRoom(parts, room, receipts);
  const tenant = new Tenant({ ...parts, receipts });
  const claims = new ClaimKeeper({
    ...parts,
    receipts,
    onProof: (bytes) => void parts.proofs().receive(bytes),
  });
  let prunedEpoch = -1;
  return {
    tenant,
    claims,
    usedUnits: (id) => BigInt(Math.ceil((blobs?.usedBytes(id) ?? 0) / view.parameters.storageUnitBytes)),
    start: async () => blobs?.load(),
    async onBlock() {
      await tenant.onBlock();
      await claims.onBlock();
      const { epoch } = view.head();
      if (blobs === undefined || epoch === prunedEpoch || epoch <= partialEpochsKept) return;
      prunedEpoch = epoch;
      const removed = await blobs.prune(epoch - blobEpochsKept, epoch - partialEpochsKept);
      if (removed > 0) log.info("blobs that nobody signs for were removed", { removed });
    },
    stop: () => tenant.stop(),
  };
}
