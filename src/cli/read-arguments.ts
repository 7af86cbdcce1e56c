// Arguments that several commands take, read or refused with what to write instead.
import {
  type AccountId,
  type Cell,
  FairmeshError,
  type Grains,
  parseAddress,
  parseCell,
  parseFair,
} from "../primitives/index.ts";

const usage = (message: string): FairmeshError => new FairmeshError("USAGE", message);

export function amountOf(text: string): Grains {
  const amount = parseFair(text);
  if (!amount.ok) throw usage(amount.error);
  return amount.value;
}

export function accountOf(text: string): AccountId {
  const account = parseAddress(text);
  if (!account.ok) throw usage(account.error);
  return account.value;
}

export function cellOf(text: string): Cell {
  const cell = parseCell(text);
  if (!cell.ok) throw usage(cell.error);
  return cell.value;
}

/** An id with or without 0x. */
export function idOf(text: string): string {
  if (!/^(0x)?[0-9a-f]{64}$/.test(text)) throw usage(`"${text}" is not an id: 64 hex digits are expected`);
  return text.startsWith("0x") ? text : `0x${text}`;
}

export function epochOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw usage(`"${text}" is not an epoch's number`);
  return Number(text);
}

/** Reads "52.52,13.40": latitude and longitude. */
export function degreesOf(text: string): readonly [latitude: number, longitude: number] {
  const match = /^(-?\d{1,3}(?:\.\d+)?),\s*(-?\d{1,3}(?:\.\d+)?)$/.exec(text.trim());
  const [latitude, longitude] = [Number(match?.[1]), Number(match?.[2])];
  if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) return [latitude, longitude];
  throw usage(`--at takes degrees, such as 52.52,13.40, not "${text}"`);
}

/** A whole number of an option, within its bounds. */
export function wholeOf(option: string, text: string, [low, high]: readonly [number, number]): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= low && Number(text) <= high) return Number(text);
  throw usage(`${option} takes a whole number from ${low} to ${high}, not "${text}"`);
}

const byteUnits: Readonly<Record<string, number>> = {
  "": 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Reads "4GiB", "512 MiB" or plain bytes. */
export function bytesOf(text: string): number {
  const match = /^(\d{1,15})\s*(KiB|MiB|GiB|TiB)?$/.exec(text.trim());
  const bytes = match === null ? Number.NaN : Number(match[1]) * (byteUnits[match[2] ?? ""] as number);
  if (!Number.isSafeInteger(bytes)) throw usage(`"${text}" is no size: write for example 4GiB`);
  return bytes;
}
