// Where a storage asset's sectors and Merkle trees lie on the volume, and which leaves a nonce asks for.
import { merkleDepth, sectorLeafBytes, sha256 } from "../../crypto/index.ts";
import { type AssetId, type Bytes, bigEndian, fromBigEndian, keyOf } from "../../primitives/index.ts";

/** Leaves asked for in one challenge. Missing data of share m is noticed with probability 1 - (1 - m)^4. */
export const leavesPerChallenge = 4;

export const sectorFile = (asset: AssetId, sector: number): string => `${keyOf(asset)}/${sector}.sector`;
/** A sector's whole tree. */
export const sectorTreeFile = (asset: AssetId, sector: number): string => `${keyOf(asset)}/${sector}.tree`;
/** The tree over the sectors' roots: its root is the asset's commitment. */
export const topTreeFile = (asset: AssetId): string => `${keyOf(asset)}/top.tree`;

export interface Shape {
  readonly sectors: number;
  readonly leavesPerSector: number;
  readonly sectorDepth: number;
  readonly topDepth: number;
}

export function shapeOf(units: bigint, sectorBytes: number): Shape {
  const sectors = Number(units);
  const leavesPerSector = sectorBytes / sectorLeafBytes;
  return { sectors, leavesPerSector, sectorDepth: merkleDepth(leavesPerSector), topDepth: merkleDepth(sectors) };
}

/** The leaves that a nonce asks for: (sector, leaf) pairs, evenly drawn, repeats allowed. */
export function askedLeaves(nonce: Bytes, shape: Shape): readonly { readonly sector: number; readonly leaf: number }[] {
  return Array.from({ length: leavesPerChallenge }, (_, index) => {
    const drawn = fromBigEndian(sha256(nonce, bigEndian(index, 4)).subarray(0, 16));
    const total = BigInt(shape.sectors) * BigInt(shape.leavesPerSector);
    const at = drawn % total;
    return {
      sector: Number(at / BigInt(shape.leavesPerSector)),
      leaf: Number(at % BigInt(shape.leavesPerSector)),
    };
  });
}
