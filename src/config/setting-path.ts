// Finding a setting by its name: `section.key` for people, FAIRMESH_SECTION_KEY in the environment; and the nearest known
// name for one that is not known.
import type { Setting } from "./setting.ts";
import { settings } from "./settings.ts";

export interface NamedSetting {
  readonly path: string;
  readonly section: string;
  readonly key: string;
  readonly setting: Setting;
}

export const namedSettings: readonly NamedSetting[] = Object.entries(settings).flatMap(([section, keys]) =>
  Object.entries(keys).map(([key, one]) => ({ path: `${section}.${key}`, section, key, setting: one as Setting })),
);

const byPath = new Map(namedSettings.map((one) => [one.path, one]));

export const findSetting = (path: string): NamedSetting | undefined => byPath.get(path);

/** FAIRMESH_RPC_BODY_BYTES_MAX for rpc.bodyBytesMax. */
export const environmentName = ({ section, key }: NamedSetting): string =>
  `FAIRMESH_${section}_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase();

/** How many letters must be added, dropped, changed or swapped with a neighbour to make one text the other. */
export function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const [above, row] = [rows[i - 1] as number[], [i]];
    for (let j = 1; j <= b.length; j++) {
      const change = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(change, (above[j] as number) + 1, (row[j - 1] as number) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, ((rows[i - 2] as number[])[j - 2] as number) + 1);
      }
      row.push(best);
    }
    rows.push(row);
  }
  return (rows[a.length] as number[])[b.length] as number;
}

/** The name most like `wrong`, if any is like it. */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  const scored = names
    .map((name) => ({ name, distance: editDistance(wrong.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = scored;
  return best !== undefined && best.distance <= Math.max(2, Math.floor(wrong.length / 4)) ? best.name : undefined;
}

/** "; did you mean x?" or nothing. */
export function suggestion(wrong: string, names: readonly string[]): string {
  const name = nearest(wrong, names);
  return name === undefined ? "" : `; did you mean ${name}?`;
}
