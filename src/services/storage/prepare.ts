// Sealing a storage asset onto the volume: each sector is made by a worker, written, synced, and only then is its tree written;
// a sector whose tree is there and fits is not made again, so a crash costs at most one sector. One sector is in memory at a
// time, once. Used by storage-service.ts.
import { merkleLeaf, sectorLeafBytes, sectorSeed } from "../../crypto/index.ts";
import type { Compute, Volume } from "../../ports/index.ts";
import {
  type AssetId,
  type Bytes,
  bigEndian,
  concatBytes,
  type Digest,
  equalBytes,
  FairmeshError,
} from "../../primitives/index.ts";
import type { Prepared } from "../service.ts";
import { readNode, readRoot, treeBytes, writeTree, writeWhole } from "../tree-file.ts";
import { sectorFile, sectorTreeFile, topTreeFile } from "./layout.ts";

export interface StorageParts {
  readonly volume: Volume;
  readonly compute: Compute;
  /** Bytes in a sector: the network's storage unit. */
  readonly sectorBytes: number;
}

/** Left free on the disk beyond what is sealed. */
const reserveBytes = 64 << 20;

/** Makes a sector again, anywhere: its bytes, then its tree. */
export const makeSector = (
  { compute, sectorBytes }: StorageParts,
  at: { readonly asset: AssetId; readonly sector: number },
  control: { readonly signal: AbortSignal; readonly onProgress: (ppm: number) => void },
): Promise<Bytes> => {
  const input = concatBytes(sectorSeed(at.asset, at.sector), bigEndian(sectorBytes));
  return compute.run("seal", input, control.signal, control.onProgress);
};

/** The root of a finished sector; undefined when it is not there, not whole, or its first or last leaf does not fit. */
async function sealedRoot(parts: StorageParts, asset: AssetId, sector: number): Promise<Digest | undefined> {
  const { volume, sectorBytes } = parts;
  const leaves = sectorBytes / sectorLeafBytes;
  const [file, tree] = [sectorFile(asset, sector), sectorTreeFile(asset, sector)];
  if ((await volume.size(tree)) !== treeBytes(leaves)) return undefined;
  if ((await volume.size(file)) !== sectorBytes) return undefined;
  for (const leaf of [0, leaves - 1]) {
    const data = await volume.read(file, leaf * sectorLeafBytes, sectorLeafBytes);
    if (!equalBytes(merkleLeaf(data), await readNode(volume, tree, leaf))) return undefined;
  }
  return readRoot(volume, tree, leaves);
}

/** Makes a sector and puts it and then its tree on the disk, over what is there; its root. */
export async function sealOnto(
  parts: StorageParts,
  at: { readonly asset: AssetId; readonly sector: number },
  control: { readonly signal: AbortSignal; readonly onProgress: (ppm: number) => void },
): Promise<Digest> {
  const { volume, sectorBytes } = parts;
  const [file, tree] = [sectorFile(at.asset, at.sector), sectorTreeFile(at.asset, at.sector)];
  const made = await makeSector(parts, at, control);
  // A tree of an earlier sector that was lost says nothing of this one until this one is on the disk.
  await volume.remove(tree);
  await writeWhole(volume, file, made.subarray(0, sectorBytes));
  await writeWhole(volume, tree, made.subarray(sectorBytes));
  return readRoot(volume, tree, sectorBytes / sectorLeafBytes);
}

async function checkSpace({ volume, sectorBytes }: StorageParts, missing: number): Promise<void> {
  const needed = missing * (sectorBytes + treeBytes(sectorBytes / sectorLeafBytes)) + reserveBytes;
  const free = await volume.freeBytes();
  if (missing === 0 || needed <= free) return;
  throw new FairmeshError("VOLUME_FULL", `sealing ${missing} sectors needs ${needed} bytes free, ${free} are`, {
    fields: { free, needed },
  });
}

/** Seals what is missing. Rejects with `VOLUME_FULL` before it begins when the sectors would not fit. */
export async function prepareStorage(
  parts: StorageParts,
  asset: { readonly id: AssetId; readonly units: bigint },
  control: { readonly signal: AbortSignal; readonly onProgress: (ppm: number) => void },
): Promise<Prepared> {
  const { volume } = parts;
  const { signal, onProgress } = control;
  const sectors = Number(asset.units);
  const roots: (Digest | undefined)[] = [];
  for (let sector = 0; sector < sectors; sector++) {
    signal.throwIfAborted();
    roots.push(await sealedRoot(parts, asset.id, sector));
  }
  await checkSpace(parts, roots.filter((root) => root === undefined).length);
  for (let sector = 0; sector < sectors; sector++) {
    if (roots[sector] === undefined) {
      const onSector = (ppm: number): void => onProgress(Math.floor((sector * 1_000_000 + ppm) / sectors));
      roots[sector] = await sealOnto(parts, { asset: asset.id, sector }, { signal, onProgress: onSector });
    }
    onProgress(Math.floor(((sector + 1) * 1_000_000) / sectors));
  }
  return { dataCommitment: await writeTree(volume, topTreeFile(asset.id), roots as Digest[]) };
}
