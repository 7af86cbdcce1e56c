// Byte strings and what every folder does with them. `Bytes` are never changed after they are made.
// A Map needs a value as key, so bytes become one through `keyOf`.
import { hexToBytes } from "@noble/hashes/utils.js";

export { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

export type Bytes = Uint8Array;

const hexDigits = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const hexStretch = 2048;

/** Lower-case hex without prefix. Names things in every Map of the core: built from character codes, it takes 0.5 us an id. */
export function toHex(bytes: Bytes): string {
  let text = "";
  for (let from = 0; from < bytes.length; from += hexStretch) {
    const stretch = bytes.subarray(from, from + hexStretch);
    const codes = new Array<number>(stretch.length * 2);
    for (let at = 0; at < stretch.length; at++) {
      const byte = stretch[at] as number;
      codes[at * 2] = hexDigits[byte >> 4] as number;
      codes[at * 2 + 1] = hexDigits[byte & 15] as number;
    }
    text += String.fromCharCode.apply(null, codes);
  }
  return text;
}

/** The bytes of a hex text with or without `0x`. Throws on anything else: for text that we wrote ourselves. */
export const fromHex = (hex: string): Bytes => hexToBytes(hex.startsWith("0x") ? hex.slice(2) : hex);

/** A text that is equal exactly when the bytes are, for use as the key of a Map. */
export const keyOf = toHex;

export function equalBytes(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Lexicographic order, shorter first when one is the other's prefix: negative, zero or positive. */
export function compareBytes(a: Bytes, b: Bytes): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** `value` as big-endian bytes of `length`, so that byte order is number order (database keys, hash inputs). */
export function bigEndian(value: number | bigint, length = 8): Bytes {
  const bytes = new Uint8Array(length);
  let rest = BigInt(value);
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** The unsigned number that big-endian `bytes` stand for. */
export function fromBigEndian(bytes: Bytes): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}
