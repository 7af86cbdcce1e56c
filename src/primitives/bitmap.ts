// The set of seats that signed: one bit a seat, least significant bit first, no bit beyond the committee (S).
import type { Bytes } from "./bytes.ts";
import { invariant } from "./invariant.ts";
import { err, ok, type Result } from "./result.ts";

/** The canonical bitmap of length `size` bits with the bits at `indices` set. */
export function bitmapOf(indices: readonly number[], size: number): Bytes {
  const bytes = new Uint8Array(Math.ceil(size / 8));
  for (const index of indices) {
    invariant(Number.isInteger(index) && index >= 0 && index < size, "a seat is below the committee's size", {
      index,
      size,
    });
    bytes[index >> 3] = (bytes[index >> 3] as number) | (1 << (index & 7));
  }
  return bytes;
}

/** The indices of the bits set, ascending; fails when `bitmap` is not the canonical one for `size` bits. */
export function bitmapIndices(
  bitmap: Bytes,
  size: number,
): Result<readonly number[], "bitmap-length" | "bitmap-range"> {
  if (bitmap.length !== Math.ceil(size / 8)) return err("bitmap-length");
  const indices: number[] = [];
  for (let index = 0; index < bitmap.length * 8; index++) {
    if (((bitmap[index >> 3] as number) & (1 << (index & 7))) === 0) continue;
    if (index >= size) return err("bitmap-range");
    indices.push(index);
  }
  return ok(indices);
}
