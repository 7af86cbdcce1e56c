// Makes one sealed sector in memory (src/crypto/sealing.ts says how) and its Merkle tree. Slow on purpose: runs in
// seal-worker.ts, never on the event loop.
import { createCipheriv, hash } from "node:crypto";
import {
  merkleLevelSizes,
  sealBlockBytes,
  sealIv,
  sealKey,
  sealPartner,
  sealPasses,
  sectorLeafBytes,
} from "../crypto/index.ts";
import { type Bytes, invariant } from "../primitives/index.ts";

/** XORs `other` into `into`, eight bytes at a time. Both have whole words. */
function xorInto(into: Bytes, other: Bytes): void {
  const a = new BigUint64Array(into.buffer, into.byteOffset, into.length >> 3);
  const b = new BigUint64Array(other.buffer, other.byteOffset, other.length >> 3);
  for (let i = 0; i < a.length; i++) a[i] = (a[i] as bigint) ^ (b[i] as bigint);
}

function encrypt(key: Bytes, iv: Bytes, block: Bytes): Bytes {
  const cipher = createCipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
  return cipher.update(block);
}

/** Fills `sector` from its seed, in place; its length is a multiple of 64 KiB. `onProgress` hears of each pass in ppm. */
function sealInto(sector: Bytes, seed: Bytes, onProgress: (ppm: number) => void): void {
  const blocks = sector.length / sealBlockBytes;
  invariant(Number.isInteger(blocks) && blocks >= 3, "a sector has whole blocks", { sectorBytes: sector.length });
  const fill = createCipheriv("aes-256-ctr", sealKey(seed, -1, 0), new Uint8Array(16));
  const blockAt = (index: number): Bytes => sector.subarray(index * sealBlockBytes, (index + 1) * sealBlockBytes);
  for (let i = 0; i < blocks; i++) blockAt(i).set(fill.update(new Uint8Array(sealBlockBytes)));
  for (let pass = 0; pass < sealPasses; pass++) {
    const keys = [sealKey(seed, pass, 0), sealKey(seed, pass, 1)] as const;
    for (let i = 0; i < blocks; i++) {
      const block = blockAt(i);
      xorInto(block, blockAt((i + blocks - 1) % blocks));
      xorInto(block, blockAt(sealPartner(pass, i, blocks)));
      const once = encrypt(keys[0], sealIv(seed, pass, i), block);
      block.set(encrypt(keys[1], once.subarray(-16), once));
    }
    onProgress(Math.floor(((pass + 1) * 1_000_000) / sealPasses));
  }
}

/** The Merkle tree over a sector's leaves (crypto/merkle.ts), 32 bytes a node: the leaves in order, then each level above. */
function treeInto(tree: Bytes, sector: Bytes): void {
  const sizes = merkleLevelSizes(sector.length / sectorLeafBytes);
  const input = new Uint8Array(1 + sectorLeafBytes);
  for (let i = 0; i < (sizes[0] as number); i++) {
    input.set(sector.subarray(i * sectorLeafBytes, (i + 1) * sectorLeafBytes), 1);
    tree.set(hash("sha256", input, "buffer"), i * 32);
  }
  const node = new Uint8Array(65);
  node[0] = 1;
  let below = 0;
  for (const [level, size] of sizes.slice(0, -1).entries()) {
    const above = below + size;
    for (let i = 0; i < (sizes[level + 1] as number); i++) {
      node.fill(0, 1);
      node.set(tree.subarray((below + 2 * i) * 32, (below + Math.min(2 * i + 2, size)) * 32), 1);
      tree.set(hash("sha256", node, "buffer"), (above + i) * 32);
    }
    below = above;
  }
}

const treeBytesOf = (sectorBytes: number): number =>
  merkleLevelSizes(sectorBytes / sectorLeafBytes).reduce((sum, size) => sum + size, 0) * 32;

/** The tree of a sector that is there. */
export function sectorTree(sector: Bytes): Bytes {
  const tree = new Uint8Array(treeBytesOf(sector.length));
  treeInto(tree, sector);
  return tree;
}

/** A sector and after it its tree, in one piece of memory that is never copied. */
export function sealSector(seed: Bytes, sectorBytes: number, onProgress: (ppm: number) => void): Bytes {
  const made = new Uint8Array(sectorBytes + treeBytesOf(sectorBytes));
  const sector = made.subarray(0, sectorBytes);
  sealInto(sector, seed, onProgress);
  treeInto(made.subarray(sectorBytes), sector);
  return made;
}
