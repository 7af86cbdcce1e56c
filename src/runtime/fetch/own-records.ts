// The signed records of this node's own assets, for whoever found them through the DHT (D-3): made anew each epoch, when the
// ledger changed them, or when the addresses did.
import type { Signer } from "../../ports/index.ts";
import { type AssetId, type Bytes, equalBytes, keyOf, utf8ToBytes } from "../../primitives/index.ts";
import { type Asset, assetCodec, assetRecordCodec, signedAssetRecordCodec, signingRoot } from "../../schema/index.ts";
import type { NetworkView } from "../../validation/index.ts";

export interface OwnRecordsParts {
  readonly signer: Signer;
  readonly view: NetworkView;
  /** Ids of the assets that this node serves. */
  readonly assets: () => readonly AssetId[];
  /** Multiaddrs under which it can be dialled. */
  readonly addresses: () => readonly string[];
}

const lastsEpochs = 4;
const addressesMax = 16;

export class OwnRecords {
  readonly #parts: OwnRecordsParts;
  readonly #made = new Map<string, { readonly of: string; readonly bytes: Bytes }>();

  constructor(parts: OwnRecordsParts) {
    this.#parts = parts;
  }

  /** All of them, or that of one asset; what is not registered or not served here has none. */
  async *records(wanted: AssetId | undefined): AsyncIterable<Bytes> {
    for (const id of this.#parts.assets()) {
      if (wanted !== undefined && !equalBytes(wanted, id)) continue;
      const asset = this.#parts.view.asset(id);
      if (asset !== undefined) yield await this.#record(asset);
    }
  }

  async #record(asset: Asset): Promise<Bytes> {
    const { signer, view } = this.#parts;
    const epoch = view.epoch();
    const addresses = this.#parts.addresses().slice(0, addressesMax);
    const of = `${epoch} ${keyOf(assetCodec.root(asset))} ${addresses.join(" ")}`;
    const known = this.#made.get(keyOf(asset.id));
    if (known?.of === of) return known.bytes;
    const record = {
      asset,
      seq: epoch,
      expiresEpoch: epoch + lastsEpochs,
      addresses: addresses.map((address) => utf8ToBytes(address)),
    };
    const signature = await signer.sign(signingRoot(assetRecordCodec.root(record), view.networkId, "record"), "record");
    const bytes = signedAssetRecordCodec.encode({ record, signature });
    this.#made.set(keyOf(asset.id), { of, bytes });
    return bytes;
  }
}
