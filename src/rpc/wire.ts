// Values on their way out and parameters on their way in: 64-bit integers and amounts as decimal strings, bytes as 0x-hex,
// accounts as addresses, times as RFC 3339. One place, so that every method answers alike.
import { z } from "zod";
import {
  type AccountId,
  type AssetId,
  assetId,
  type Bytes,
  type Cell,
  type Digest,
  digest,
  formatAddress,
  fromHex,
  parseAddress,
  parseCell,
} from "../primitives/index.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Field names that hold an account: shown as addresses. */
const accountFields = new Set([
  "account",
  "owner",
  "sender",
  "withdrawal",
  "beneficiary",
  "operator",
  "requester",
  "provider",
  "auditor",
]);

/** Addresses written lately: a checksum costs more than all else about a field, and lists name few accounts many times. */
const addresses = new Map<string, string>();
const addressesMax = 4_096;

const scratch = Buffer.alloc(64);

/** Short bytes in a buffer that Node's own conversions to text start from: a third of the time of `toHex`, and nothing is made. */
function textOf(bytes: Bytes, encoding: "hex" | "latin1"): string {
  if (bytes.length > scratch.length)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(encoding);
  scratch.set(bytes);
  return scratch.toString(encoding, 0, bytes.length);
}

function addressText(account: Bytes): string {
  const key = textOf(account, "latin1");
  const known = addresses.get(key);
  if (known !== undefined) return known;
  if (addresses.size >= addressesMax) addresses.clear();
  const text = formatAddress(account as AccountId);
  addresses.set(key, text);
  return text;
}

/** Any answer as JSON. Undefined fields are left out; an undefined answer is null. */
export function toWire(value: unknown, field = ""): Json {
  if (value === undefined || value === null) return null;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "boolean" || typeof value === "string" || typeof value === "number") return value;
  if (value instanceof Uint8Array) {
    return accountFields.has(field) && value.length === 32 ? addressText(value) : `0x${textOf(value, "hex")}`;
  }
  if (Array.isArray(value)) return value.map((each) => toWire(each, field));
  // A copy whose numbers and texts stay as they are: lists of a hundred assets are the usual answer, and building each object
  // anew, field by field, is most of their cost.
  const wire: Record<string, unknown> = { ...value };
  for (const name in wire) {
    const each = wire[name];
    if (typeof each === "number" || typeof each === "string") continue;
    if (each === undefined) delete wire[name];
    else wire[name] = toWire(each, name);
  }
  return wire as Json;
}

export const timeText = (ms: number): string => new Date(ms).toISOString();

const hexText = (bytes: number): z.ZodType<string> =>
  z.string().regex(new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`), `0x and ${bytes * 2} hex digits`);

export const assetIdParam = hexText(32).describe("an asset id, 0x and 64 hex digits");
export const addressParam = z
  .string()
  .refine((text) => parseAddress(text).ok, "an address begins with fair1")
  .describe("an account's address, fair1…");
export const bytesParam = z
  .string()
  .regex(/^0x([0-9a-f]{2})+$/, "0x and an even number of hex digits")
  .describe("bytes as 0x-hex");
export const idParam = hexText(32).describe("an id, 0x and 64 hex digits");
export const heightParam = z.int().min(0).describe("a block's height");
export const epochParam = z.int().min(0).describe("an epoch's number");
export const limitParam = z.int().min(1).max(500).default(50).describe("items to answer at most");
export const cursorParam = z.string().max(128).optional().describe("`nextCursor` of the answer before");

export const readAssetId = (text: string): AssetId => assetId(fromHex(text));
export const readDigest = (text: string): Digest => digest(fromHex(text));
export const readBytes = (text: string): Bytes => fromHex(text);
/** A cell that its schema accepted. */
export function readCell(text: string): Cell {
  const read = parseCell(text);
  if (!read.ok) throw new Error(read.error);
  return read.value;
}
/** An address that its schema accepted. */
export function readAddress(text: string): AccountId {
  const read = parseAddress(text);
  if (!read.ok) throw new Error(read.error);
  return read.value;
}
