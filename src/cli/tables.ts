// Lists for people: plain columns that a narrow terminal and a pipe can take.
import Table from "cli-table3";

const noBorders = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const drawn = new Table({
    head: [...head],
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const row of rows) drawn.push([...row]);
  return drawn
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** "Name   value" lines. */
export function facts(entries: readonly (readonly [name: string, value: string | number | undefined])[]): string {
  const shown = entries.filter(([, value]) => value !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length)) + 2;
  return shown.map(([name, value]) => `${name.padEnd(width)}${value}`).join("\n");
}

export const percent = (ppm: number): string => `${(ppm / 10_000).toFixed(1)}%`;
export const shortId = (id: string): string => `${id.slice(0, 10)}…${id.slice(-4)}`;

/** Bytes for people: three digits at most before the unit. */
export function sizeText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** A time for people: its largest unit and a digit of it. */
export function durationText(seconds: number): string {
  const units = [
    ["days", 86_400],
    ["hours", 3_600],
    ["minutes", 60],
  ] as const;
  const fit = units.find(([, length]) => seconds >= 2 * length);
  return fit === undefined ? `${seconds.toPrecision(2)} s` : `${(seconds / fit[1]).toFixed(1)} ${fit[0]}`;
}
