// Reads an asset's sealed sectors again and again, slowly, against their trees and the commitment, so that what a disk loses is
// found and mended before an audit asks for it. A damaged sector is made again from its seed. Used by storage-service.ts.
import {
  merkleDepth,
  merkleLeaf,
  merkleLevelSizes,
  merkleLevels,
  sectorLeafBytes,
  verifyMerklePath,
} from "../../crypto/index.ts";
import type { Clock } from "../../ports/index.ts";
import { type AssetId, concatBytes, type Digest, equalBytes, FairmeshError } from "../../primitives/index.ts";
import type { WatchEvents } from "../service.ts";
import { readNode, readPath } from "../tree-file.ts";
import { sectorFile, sectorTreeFile, topTreeFile } from "./layout.ts";
import { type StorageParts, sealOnto } from "./prepare.ts";

export interface ScrubParts extends StorageParts {
  readonly clock: Clock;
  readonly scrub?: { readonly bytesPerSecond: number; readonly restMs: number };
}

/** A terabyte in three days, at a small part of what any disk gives. */
const slowly = { bytesPerSecond: 4 << 20, restMs: 600_000 };
/** Leaves read at once. */
const leavesAtOnce = 16;

type At = { readonly asset: AssetId; readonly sector: number };

/** Whether leaves from `first` on, every tree node over them alone, and the path from them to `root` are as they should be. */
async function isWhole(parts: StorageParts, at: At, first: number, root: Digest): Promise<boolean> {
  const { volume, sectorBytes } = parts;
  const leaves = sectorBytes / sectorLeafBytes;
  const count = Math.min(leavesAtOnce, leaves - first);
  const [file, tree] = [sectorFile(at.asset, at.sector), sectorTreeFile(at.asset, at.sector)];
  const data = await volume.read(file, first * sectorLeafBytes, count * sectorLeafBytes);
  const digests = Array.from({ length: count }, (_, i) =>
    merkleLeaf(data.subarray(i * sectorLeafBytes, (i + 1) * sectorLeafBytes)),
  );
  const sizes = merkleLevelSizes(leaves);
  let levelAt = 0;
  for (const [level, nodes] of merkleLevels(digests).entries()) {
    const stored = await volume.read(tree, (levelAt + Math.floor(first / 2 ** level)) * 32, nodes.length * 32);
    if (!equalBytes(stored, concatBytes(...nodes))) return false;
    levelAt += sizes[level] as number;
  }
  const path = await readPath(volume, tree, { leaves, index: first });
  const place = { index: first, depth: merkleDepth(leaves), root };
  return verifyMerklePath(digests[0] as Digest, [...path], place);
}

/** Reads a sector at the bounded rate. Stops at the first thing that is wrong, unreadable files included. */
async function isSectorWhole(parts: ScrubParts, at: At, root: Digest, signal: AbortSignal): Promise<boolean> {
  const { bytesPerSecond } = parts.scrub ?? slowly;
  const pauseMs = Math.ceil((leavesAtOnce * sectorLeafBytes * 1000) / bytesPerSecond);
  for (let first = 0; first < parts.sectorBytes / sectorLeafBytes; first += leavesAtOnce) {
    try {
      if (!(await isWhole(parts, at, first, root))) return false;
    } catch (cause) {
      if (!(cause instanceof FairmeshError)) throw cause;
      return false;
    }
    await parts.clock.sleep(pauseMs, signal);
  }
  return true;
}

/**
 * Makes a damaged sector again; what is to be said of it. Rejects with `COMMITMENT_DAMAGED` when it does not fit even then: then
 * it is `top.tree` that is damaged, and no sector would ever fit it.
 */
async function mend(parts: ScrubParts, at: At, root: Digest, signal: AbortSignal): Promise<string> {
  let made: Digest;
  try {
    made = await sealOnto(parts, at, { signal, onProgress: () => {} });
  } catch (cause) {
    signal.throwIfAborted();
    return `sector ${at.sector} is damaged on the disk and cannot be made again: ${String(cause)}`;
  }
  if (equalBytes(made, root)) return `sector ${at.sector} was damaged on the disk and has been made again`;
  throw new FairmeshError(
    "COMMITMENT_DAMAGED",
    `sector ${at.sector} does not fit the commitment on the disk, also when made again: start the node again`,
  );
}

/**
 * Goes round until the signal, resting before each round; rejects with the signal's reason, or when `top.tree` is unreadable or
 * damaged.
 */
export async function scrubStorage(
  parts: ScrubParts,
  asset: { readonly id: AssetId; readonly units: bigint },
  signal: AbortSignal,
  hear: WatchEvents,
): Promise<never> {
  for (;;) {
    await parts.clock.sleep((parts.scrub ?? slowly).restMs, signal);
    for (let sector = 0; sector < Number(asset.units); sector++) {
      const at = { asset: asset.id, sector };
      const root = await readNode(parts.volume, topTreeFile(asset.id), sector);
      if (!(await isSectorWhole(parts, at, root, signal))) hear.onFault(await mend(parts, at, root, signal));
    }
    hear.onRound();
  }
}
