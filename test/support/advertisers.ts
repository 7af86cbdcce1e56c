// Operators with assets that a ledger knows, and the signed things they say: for tests and benchmarks of what is gossiped and
// found. The ledger is a map.
import { sha256 } from "../../src/crypto/index.ts";
import { createNativeSigner } from "../../src/native/index.ts";
import type { Signer } from "../../src/ports/index.ts";
import {
  type AssetId,
  type AssetKind,
  assetId,
  assetKinds,
  type Bytes,
  type Cell,
  cellAt,
  grains,
  keyOf,
  type NetworkId,
  utf8ToBytes,
} from "../../src/primitives/index.ts";
import {
  type Asset,
  assetCodec,
  type Capacity,
  capacityCodec,
  signedCapacityCodec,
  signingRoot,
} from "../../src/schema/index.ts";
import type { NetworkView } from "../../src/validation/index.ts";

export class Advertisers {
  readonly signers: readonly Signer[];
  readonly #networkId: NetworkId;
  readonly #assets = new Map<string, Asset>();
  epoch = 1;

  constructor(networkId: NetworkId, signers: readonly Signer[]) {
    this.#networkId = networkId;
    this.signers = signers;
  }

  static of(networkId: NetworkId, count: number): Advertisers {
    const seed = (index: number): Bytes => sha256(utf8ToBytes(`advertiser ${index}`));
    return new Advertisers(
      networkId,
      Array.from({ length: count }, (_, index) => createNativeSigner(seed(index))),
    );
  }

  signer(index: number): Signer {
    return this.signers[index % this.signers.length] as Signer;
  }

  /** An asset of signer `index`, on the ledger from now on. */
  addAsset(index: number, name: string, kind: AssetKind = "storage", cell: Cell = cellAt(52.5, 13.4)): AssetId {
    const id = assetId(sha256(utf8ToBytes(`${index} ${name}`)));
    const empty = assetCodec.empty();
    const terms = { ...empty.terms, kind: assetKinds.indexOf(kind), units: 100n, cell };
    this.#assets.set(keyOf(id), { ...empty, id, owner: this.signer(index).accountId, terms, bond: grains(1n) });
    return id;
  }

  get view(): NetworkView {
    const keys = new Map(this.signers.map(({ accountId, publicKey }) => [keyOf(accountId), publicKey]));
    return {
      networkId: this.#networkId,
      epoch: () => this.epoch,
      publicKey: (account) => keys.get(keyOf(account)),
      mayHaveOtherKey: () => false,
      asset: (id) => this.#assets.get(keyOf(id)),
    };
  }

  /** A signed advertisement of signer `index`'s asset. */
  async advertise(index: number, asset: AssetId, changes: Partial<Capacity> = {}, signature?: Bytes): Promise<Bytes> {
    const { accountId: owner } = this.signer(index);
    const { epoch } = this;
    const fields = { owner, assetId: asset, seq: 1, epoch, expiresEpoch: epoch + 2, freeUnits: 1n, ...changes };
    const capacity = { ...capacityCodec.empty(), ...fields };
    const root = signingRoot(capacityCodec.root(capacity), this.#networkId, "capacity");
    return signedCapacityCodec.encode({
      capacity,
      signature: signature ?? (await this.signer(index).sign(root, "capacity")),
    });
  }
}
