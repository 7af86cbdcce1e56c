// Settings as commands show them: value, default and origin; a secret only as given or not.
import { namedSettings } from "../config/index.ts";
import type { Setup } from "./command.ts";

export interface ShownSetting {
  readonly path: string;
  readonly value: unknown;
  readonly fallback: unknown;
  readonly origin: string;
}

export function shownSettings({ config, origins }: Pick<Setup, "config" | "origins">): readonly ShownSetting[] {
  const sections = config as unknown as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  return namedSettings.map(({ path, section, key, setting }) => {
    const value = sections[section]?.[key];
    const shown = setting.secret ? (value === "" ? "" : "(given)") : value;
    return { path, value: shown, fallback: setting.fallback, origin: origins.get(path) ?? "default" };
  });
}

/** As `config set` takes it. */
export const valueText = (value: unknown): string => (Array.isArray(value) ? value.join(",") : String(value));

/** One line a setting, in columns. */
export function settingLines(settings: readonly ShownSetting[]): string {
  const width = Math.max(...settings.map(({ path }) => path.length));
  const values = settings.map(({ value }) => (value === "" || valueText(value) === "" ? "-" : valueText(value)));
  const valueWidth = Math.min(40, Math.max(...values.map((one) => one.length)));
  return settings
    .map(
      ({ path, origin }, index) => `${path.padEnd(width)}  ${(values[index] as string).padEnd(valueWidth)}  ${origin}`,
    )
    .join("\n");
}
