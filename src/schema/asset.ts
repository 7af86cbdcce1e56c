// Assets on the ledger, their advertisements in gossip, and the signed record that the DHT leads to (D-1, D-2, D-3).
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import {
  accountIdType,
  assetIdType,
  byteList,
  cellType,
  digestType,
  grainsType,
  listOf,
  signatureType,
  uint8Type,
  uint32Type,
  uint64Type,
  uintType,
} from "./basic.ts";
import { codec } from "./codec.ts";

/** The order is the wire order. `none`: no claim; `self`: shown, never paid (D-4). */
export const energyTiers = ["none", "self", "certificate", "meter"] as const;
export const energySources = ["unknown", "grid", "solar", "wind", "hydro", "geothermal", "biomass", "nuclear"] as const;
export const assetStatuses = ["active", "retiring", "retired"] as const;

const attributeType = new ContainerType({ key: byteList(32), value: byteList(128) });
const energyType = new ContainerType({
  source: uint8Type,
  renewablePpm: uint32Type,
  evidenceTier: uint8Type,
  evidenceHash: digestType,
});
/** What an owner says of an asset; the ledger adds id, owner, bond, epoch and status. */
const assetTermsType = new ContainerType({
  kind: uint8Type,
  units: uint64Type,
  cell: cellType,
  dataCommitment: digestType,
  interfaceHash: digestType,
  interfacePointer: byteList(256),
  attributes: listOf(attributeType, 16),
  energy: energyType,
});
const assetType = new ContainerType({
  id: assetIdType,
  owner: accountIdType,
  terms: assetTermsType,
  bond: grainsType,
  registeredEpoch: uintType,
  status: uint8Type,
});

const capacityType = new ContainerType({
  owner: accountIdType,
  assetId: assetIdType,
  seq: uintType,
  epoch: uintType,
  freeUnits: uint64Type,
  pricePerUnitEpoch: grainsType,
  expiresEpoch: uintType,
  addressesDigest: digestType,
});
const signedCapacityType = new ContainerType({ capacity: capacityType, signature: signatureType });

/** Where an asset is reached: what a provider answers to whoever found it through the DHT. */
const assetRecordType = new ContainerType({
  asset: assetType,
  seq: uintType,
  expiresEpoch: uintType,
  addresses: listOf(byteList(256), 16),
});
const signedAssetRecordType = new ContainerType({ record: assetRecordType, signature: signatureType });

export type AssetAttribute = ValueOf<typeof attributeType>;
export type Energy = ValueOf<typeof energyType>;
export type AssetTerms = ValueOf<typeof assetTermsType>;
export type Asset = ValueOf<typeof assetType>;
export type Capacity = ValueOf<typeof capacityType>;
export type SignedCapacity = ValueOf<typeof signedCapacityType>;
export type AssetRecord = ValueOf<typeof assetRecordType>;
export type SignedAssetRecord = ValueOf<typeof signedAssetRecordType>;

export const assetTermsCodec = codec("asset terms", assetTermsType);
export const assetCodec = codec("asset", assetType);
export const capacityCodec = codec("capacity advertisement", capacityType);
export const signedCapacityCodec = codec("signed capacity advertisement", signedCapacityType);
export const assetRecordCodec = codec("asset record", assetRecordType);
export const signedAssetRecordCodec = codec("signed asset record", signedAssetRecordType);

export { assetTermsType, assetType };
