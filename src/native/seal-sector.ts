// Makes one sealed sector in memory (src/crypto/sealing.ts says how) and the leaves of its Merkle tree. Slow on purpose:
// runs in seal-worker.ts, never on the event loop.
import { createCipheriv, hash } from "node:crypto";
import { sealBlockBytes, sealIv, sealKey, sealPartner, sealPasses, sectorLeafBytes } from "../crypto/index.ts";
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

/** The sector's bytes from its seed; `sectorBytes` is a multiple of 64 KiB. `onProgress` hears of each pass in ppm. */
export function sealSector(seed: Bytes, sectorBytes: number, onProgress: (ppm: number) => void): Bytes {
  const blocks = sectorBytes / sealBlockBytes;
  invariant(Number.isInteger(blocks) && blocks >= 2, "a sector has whole blocks", { sectorBytes });
  const fill = createCipheriv("aes-256-ctr", sealKey(seed, -1, 0), new Uint8Array(16));
  const sector = new Uint8Array(sectorBytes);
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
  return sector;
}

/** The Merkle leaves of a sector, 32 bytes each, in order. */
export function sectorLeaves(sector: Bytes): Bytes {
  const count = sector.length / sectorLeafBytes;
  const leaves = new Uint8Array(count * 32);
  const input = new Uint8Array(1 + sectorLeafBytes);
  for (let i = 0; i < count; i++) {
    input.set(sector.subarray(i * sectorLeafBytes, (i + 1) * sectorLeafBytes), 1);
    leaves.set(hash("sha256", input, "buffer"), i * 32);
  }
  return leaves;
}
