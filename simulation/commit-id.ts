// Which code a run was of, so that a seed can be repeated: the checkout's commit, or the version of a package without one.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const root = new URL("../", import.meta.url);

/** From a checkout, or from dist in the package. */
function packageVersion(): string {
  const file = [new URL("package.json", root), new URL("../package.json", root)].find((url) => existsSync(url));
  return file === undefined ? "unknown" : (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

export function commitId(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  // A package may lie in somebody else's checkout, whose commit says nothing of it.
  if (!existsSync(new URL(".git", root))) return `version ${packageVersion()}`;
  try {
    const changed = git("status", "--porcelain", "--", "src", "simulation") === "" ? "" : " with changes";
    return `${git("rev-parse", "--short=12", "HEAD")}${changed}`;
  } catch {
    return `version ${packageVersion()}`;
  }
}
