// npm run transcripts -- [--write]: replays the golden transcripts and shows, line by line, where the core now answers otherwise.
// Only with --write are the files changed; never in CI, where a difference is a failed test.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { replay } from "../../support/transcript.ts";

if (process.env.CI) {
  console.error("transcripts are never written in CI: run this where you can read what changes");
  process.exit(2);
}
const write = process.argv.includes("--write");
const folder = import.meta.dirname;
let changed = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
  const path = join(folder, file);
  const [before, after] = [readFileSync(path, "utf8"), replay(readFileSync(path, "utf8"))];
  if (before === after) continue;
  changed += 1;
  const [was, is] = [before.split("\n"), after.split("\n")];
  console.log(`${file}:`);
  for (let line = 0; line < Math.max(was.length, is.length); line++) {
    if (was[line] === is[line]) continue;
    if (was[line] !== undefined) console.log(`  ${line + 1} - ${was[line]}`);
    if (is[line] !== undefined) console.log(`  ${line + 1} + ${is[line]}`);
  }
  if (write) writeFileSync(path, after);
}
console.log(
  changed === 0 ? "nothing changed" : `${changed} files ${write ? "written" : "would change: --write writes them"}`,
);
process.exitCode = changed > 0 && !write ? 1 : 0;
