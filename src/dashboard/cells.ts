// The map's figures: what assets of a kind offer in a cell of the earth, and how much of it requesters used. Pure. Supply is what is
// registered on the ledger; free is what advertisements say; demand is what requesters' receipts say was served, by the newest
// proof of this epoch or the one before.
import type { Asset, Capacity, ServiceProof } from "../client/index.ts";
import { cellParent, cellResolution, isCell } from "../primitives/index.ts";

interface AssetOfCell {
  readonly id: string;
  readonly owner: string;
  readonly supply: bigint;
  /** Absent without an advertisement. */
  readonly free: bigint | undefined;
  readonly served: bigint;
}

export interface CellSight {
  /** H3, in hex. */
  readonly cell: string;
  readonly supply: bigint;
  readonly free: bigint;
  readonly served: bigint;
  /** Demand in parts per million of supply. */
  readonly demandPpm: number;
  readonly assets: readonly AssetOfCell[];
}

export interface CellsAsked {
  readonly kind: number;
  /** Cells finer than this are put together. */
  readonly resolution: number;
  /** The epoch now: older proofs say nothing of demand. */
  readonly epoch: number;
}

const retired = 2;

const assetSight = (
  { id, owner, terms }: Asset,
  capacity: Capacity | undefined,
  proof: ServiceProof | undefined,
  epoch: number,
): AssetOfCell => ({
  id,
  owner,
  supply: BigInt(terms.units),
  free: capacity === undefined ? undefined : BigInt(capacity.freeUnits),
  served: proof === undefined || proof.epoch + 1 < epoch ? 0n : BigInt(proof.unitsServed),
});

function cellSight(cell: string, assets: readonly AssetOfCell[]): CellSight {
  const sum = (of: (asset: AssetOfCell) => bigint): bigint => assets.reduce((total, each) => total + of(each), 0n);
  const supply = sum((asset) => asset.supply);
  const served = sum((asset) => asset.served);
  const free = sum((asset) => asset.free ?? 0n);
  const demandPpm = supply === 0n ? 0 : Number((served * 1_000_000n) / supply);
  return { cell, supply, free, served, demandPpm, assets };
}

/** Cells by supply, the largest first, and how many assets of the kind claim no place. */
export function cellsOf(
  seen: {
    readonly assets: ReadonlyMap<string, Asset>;
    readonly capacities: ReadonlyMap<string, Capacity>;
    readonly proofs: ReadonlyMap<string, ServiceProof>;
  },
  { kind, resolution, epoch }: CellsAsked,
): { readonly cells: readonly CellSight[]; readonly placeless: number } {
  const found = new Map<string, AssetOfCell[]>();
  let placeless = 0;
  for (const asset of seen.assets.values()) {
    if (asset.terms.kind !== kind || asset.status === retired) continue;
    const cell = BigInt(asset.terms.cell);
    if (!isCell(cell)) {
      placeless++;
      continue;
    }
    const wide = cellResolution(cell) > resolution ? cellParent(cell, resolution) : cell;
    const key = wide.toString(16);
    const sight = assetSight(asset, seen.capacities.get(asset.id), seen.proofs.get(asset.id), epoch);
    found.set(key, [...(found.get(key) ?? []), sight]);
  }
  const cells = [...found].map(([cell, assets]) => cellSight(cell, assets));
  cells.sort((a, b) => (a.supply === b.supply ? (a.cell < b.cell ? -1 : 1) : a.supply < b.supply ? 1 : -1));
  return { cells, placeless };
}

/** The steps of demand against supply that the map tells apart, 0 for none. */
export const demandSteps = ["none", "under a quarter", "under a half", "under all", "all or more"] as const;

export function demandStep(demandPpm: number): number {
  if (demandPpm === 0) return 0;
  if (demandPpm < 250_000) return 1;
  if (demandPpm < 500_000) return 2;
  return demandPpm < 1_000_000 ? 3 : 4;
}
