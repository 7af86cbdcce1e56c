// Short forms of figures and names for the page. Pure.
import { assetKinds, formatUnits } from "../primitives/index.ts";

/** The first and the last signs of an id or address. */
export const shortId = (id: string): string => (id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id);

export const percent = (ppm: number): string => `${(ppm / 10_000).toFixed(1)}%`;

/** "0.42 s", "3.5 min", "2.0 h", "4.1 d". */
export function duration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${(ms / 60_000).toFixed(1)} min`;
  return ms < 172_800_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${(ms / 86_400_000).toFixed(1)} d`;
}

export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

export const kindName = (kind: number): string => assetKinds[kind] ?? `kind ${kind}`;

export function unitsText(kind: number, units: bigint | string): string {
  const name = assetKinds[kind];
  return name === undefined ? `${units} units` : formatUnits(name, units);
}
