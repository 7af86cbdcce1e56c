// Which version of Fairmesh this is.
import { existsSync, readFileSync } from "node:fs";

/** The package's version, from a checkout or from dist. */
export function packageVersion(): string {
  const candidates = ["../../package.json", "../../../package.json"].map((path) => new URL(path, import.meta.url));
  const found = candidates.find((url) => existsSync(url));
  return found === undefined ? "unknown" : (JSON.parse(readFileSync(found, "utf8")) as { version: string }).version;
}
