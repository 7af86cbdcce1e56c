// Which code a run was of, so that a seed can be repeated: the checkout's commit, or the version of a package without one.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const root = new URL("../", import.meta.url);

export function commitId(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const changed = git("status", "--porcelain", "--", "src", "simulation") === "" ? "" : " with changes";
    return `${git("rev-parse", "--short=12", "HEAD")}${changed}`;
  } catch {
    const { version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as { version: string };
    return `version ${version}`;
  }
}
