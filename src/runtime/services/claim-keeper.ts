// What a provider does with an epoch's receipts in the next one (P-4): files them as a service claim, part by part, in its
// window, and gossips a proof of service. Decided anew from the chain at each final block, so a restart or a lost
// transaction only delays it; a part that the ledger has is never sent again.
import type { Log, Signer, Transport } from "../../ports/index.ts";
import { type AssetId, type Digest, FairmeshError, keyOf } from "../../primitives/index.ts";
import {
  type CountersignedReceipt,
  proofOfServiceCodec,
  receiptCodec,
  receiptsMax,
  signedProofOfServiceCodec,
  signingRoot,
  transcriptsDepth,
  transcriptsType,
} from "../../schema/index.ts";
import type { DutyView } from "../duties/index.ts";
import type { ReceiptBook } from "./receipt-book.ts";
import { claimOffset } from "./serve-blobs.ts";

export interface ClaimKeeperParts {
  readonly view: DutyView;
  readonly signer: Signer;
  readonly transport: Transport;
  readonly receipts: ReceiptBook;
  /** Assets that this node serves. */
  readonly assets: () => readonly AssetId[];
  /** Hears of each proof that this node sends: gossip brings it to others only. */
  readonly onProof: (bytes: Uint8Array) => void;
  readonly log: Log;
}

/** Blocks after which a claim's part that the chain did not take is sent again. */
const resendBlocks = 4;
/** Receipts of so many epochs are kept for claims. */
const epochsKept = 3;
/** Answers of an asset and epoch that a proof's root covers at most. */
const responsesMax = 1 << transcriptsDepth;

export class ClaimKeeper {
  readonly #parts: ClaimKeeperParts;
  /** By asset: the next part of its claim, and the height before which nothing is to be done about it. */
  readonly #next = new Map<string, { readonly epoch: number; readonly part: number; readonly height: number }>();
  readonly #proved = new Map<string, number>();
  /** Roots of the responses given in this epoch and the last, by epoch and asset; since this node's start. */
  readonly #responses = new Map<string, Digest[]>();

  constructor(parts: ClaimKeeperParts) {
    this.#parts = parts;
  }

  /** A challenge was answered. */
  onAnswered(epoch: number, assetId: AssetId, responseRoot: Digest): void {
    const key = `${epoch} ${keyOf(assetId)}`;
    const roots = this.#responses.get(key) ?? [];
    if (roots.length < responsesMax) roots.push(responseRoot);
    this.#responses.set(key, roots);
  }

  async onBlock(): Promise<void> {
    const { view, assets, receipts, signer } = this.#parts;
    const { epoch, offset, height } = view.head();
    const { epochBlocks } = view.parameters;
    if (epoch === 0 || offset < claimOffset(epochBlocks) || offset >= (epochBlocks * 5) / 6) return;
    for (const assetId of assets()) {
      if (view.asset(assetId) === undefined) continue;
      const part = view.claimParts(epoch - 1, assetId);
      const next = this.#next.get(keyOf(assetId));
      if (next?.epoch === epoch - 1 && next.part === part && height < next.height) continue;
      const got = await receipts.ofEpoch(epoch - 1, assetId, signer.accountId);
      const lastHeight = height - offset + (epochBlocks * 5) / 6 - 1;
      await this.#claim({ epoch: epoch - 1, assetId, part, got, lastHeight });
      await this.#prove(epoch - 1, assetId, got);
    }
    if (epoch > epochsKept) await receipts.prune(epoch - epochsKept);
    for (const key of this.#responses.keys()) if (Number(key.split(" ")[0]) < epoch - 1) this.#responses.delete(key);
  }

  async #claim(claim: {
    readonly epoch: number;
    readonly assetId: AssetId;
    readonly part: number;
    readonly got: readonly CountersignedReceipt[];
    readonly lastHeight: number;
  }): Promise<void> {
    const { view, log } = this.#parts;
    const { epoch, assetId, part, got } = claim;
    const receipts = got
      .slice(part * receiptsMax, (part + 1) * receiptsMax)
      .map(({ receipt, requesterSignature }) => ({ receipt, requesterSignature }));
    const key = keyOf(assetId);
    const { height } = view.head();
    // No more are taken for that epoch: a claim that is filed whole stays so.
    const again = receipts.length === 0 ? Number.POSITIVE_INFINITY : height + resendBlocks;
    this.#next.set(key, { epoch, part, height: again });
    if (receipts.length === 0) return;
    try {
      const lastHeight = Math.min(claim.lastHeight, again - 1);
      await view.submit({ kind: "serviceClaim", value: { epoch, assetId, part, receipts } }, lastHeight);
      log.info("a service claim is filed", { epoch, asset: key.slice(0, 12), receipts: receipts.length });
    } catch (cause) {
      const reason = cause instanceof FairmeshError ? cause.fields.reason : undefined;
      log.warn("a service claim was not taken", { epoch, asset: key.slice(0, 12), reason, cause: String(cause) });
    }
  }

  /** Once an epoch and asset; after a restart it is sent again, with a sequence that ends in the receipts it names. */
  async #prove(epoch: number, assetId: AssetId, got: readonly CountersignedReceipt[]): Promise<void> {
    const { view, signer, transport, log, onProof } = this.#parts;
    const key = keyOf(assetId);
    if (this.#proved.get(key) === epoch) return;
    this.#proved.set(key, epoch);
    const responses = this.#responses.get(`${epoch} ${key}`) ?? [];
    if (responses.length === 0 && got.length === 0) return;
    const proof = {
      ...{ assetId, owner: signer.accountId, epoch },
      seq: 1 + got.length,
      responsesRoot: transcriptsType.hashTreeRoot(responses) as Digest,
      unitsServed: got.reduce((sum, { receipt }) => sum + receipt.units, 0n),
      receipts: got.slice(0, receiptsMax).map(({ receipt }) => receiptCodec.root(receipt)),
    };
    const signature = await signer.sign(signingRoot(proofOfServiceCodec.root(proof), view.networkId, "proof"), "proof");
    const bytes = signedProofOfServiceCodec.encode({ proof, signature });
    onProof(bytes);
    await transport.publish("proofs", bytes).catch((cause: unknown) => {
      log.warn("a proof of service could not be sent", { cause: String(cause) });
    });
  }
}
