// Sealing a storage asset onto the volume: each sector is made by a worker, written, synced, and only then are its leaves
// written; a sector whose leaves are there and match is not made again, so a crash costs at most one sector.
import { merkleLeaf, merkleRoot, sectorLeafBytes, sectorSeed } from "../../crypto/index.ts";
import type { Compute, Volume } from "../../ports/index.ts";
import {
  type AssetId,
  type Bytes,
  bigEndian,
  concatBytes,
  type Digest,
  digest,
  equalBytes,
  FairmeshError,
} from "../../primitives/index.ts";
import type { Prepared } from "../service.ts";
import { leavesFile, sectorFile } from "./layout.ts";

export interface StorageParts {
  readonly volume: Volume;
  readonly compute: Compute;
  /** Bytes in a sector: the network's storage unit. */
  readonly sectorBytes: number;
}

const writeBytes = 1 << 20;
/** Left free on the disk beyond what is sealed. */
const reserveBytes = 64 << 20;

export const leavesOf = (bytes: Bytes): readonly Digest[] =>
  Array.from({ length: bytes.length / 32 }, (_, i) => digest(bytes.slice(i * 32, (i + 1) * 32)));

/** The leaves of a finished sector, or undefined when it is not there, not whole, or its first leaf does not match. */
export async function readLeaves(parts: StorageParts, asset: AssetId, sector: number): Promise<Bytes | undefined> {
  const { volume, sectorBytes } = parts;
  const leavesBytes = (sectorBytes / sectorLeafBytes) * 32;
  if ((await volume.size(leavesFile(asset, sector))) !== leavesBytes) return undefined;
  if ((await volume.size(sectorFile(asset, sector))) !== sectorBytes) return undefined;
  const leaves = await volume.read(leavesFile(asset, sector), 0, leavesBytes);
  const first = await volume.read(sectorFile(asset, sector), 0, sectorLeafBytes);
  return equalBytes(merkleLeaf(first), leaves.subarray(0, 32)) ? leaves : undefined;
}

async function writeWhole(volume: Volume, file: string, bytes: Bytes): Promise<void> {
  for (let at = 0; at < bytes.length; at += writeBytes)
    await volume.write(file, at, bytes.subarray(at, at + writeBytes));
  await volume.sync(file);
}

/** Seals what is missing. Rejects with `VOLUME_FULL` before it begins when the sectors would not fit. */
export async function prepareStorage(
  parts: StorageParts,
  asset: { readonly id: AssetId; readonly units: bigint },
  control: { readonly signal: AbortSignal; readonly onProgress: (ppm: number) => void },
): Promise<Prepared> {
  const { volume, compute, sectorBytes } = parts;
  const sectors = Number(asset.units);
  const found = await Promise.all(Array.from({ length: sectors }, (_, sector) => readLeaves(parts, asset.id, sector)));
  const missing = found.filter((leaves) => leaves === undefined).length;
  const free = await volume.freeBytes();
  if (missing * sectorBytes + reserveBytes > free) {
    throw new FairmeshError(
      "VOLUME_FULL",
      `sealing ${missing} sectors needs ${missing * sectorBytes + reserveBytes} bytes free`,
      {
        fields: { free },
      },
    );
  }
  const roots: Digest[] = [];
  for (let sector = 0; sector < sectors; sector++) {
    let leaves = found[sector];
    if (leaves === undefined) {
      const input = concatBytes(sectorSeed(asset.id, sector), bigEndian(sectorBytes));
      const made = await compute.run("seal", input, control.signal, (ppm) =>
        control.onProgress(Math.floor((sector * 1_000_000 + ppm) / sectors)),
      );
      await writeWhole(volume, sectorFile(asset.id, sector), made.subarray(0, sectorBytes));
      leaves = made.slice(sectorBytes);
      await writeWhole(volume, leavesFile(asset.id, sector), leaves);
    }
    roots.push(merkleRoot(leavesOf(leaves)));
    control.onProgress(Math.floor(((sector + 1) * 1_000_000) / sectors));
  }
  return { dataCommitment: merkleRoot(roots) };
}
