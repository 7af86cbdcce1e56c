// Planted bugs: each has its place in the sources, nothing in src knows of them, and a quick few of them are caught here.
// `npm run planted` (and planted.slow.ts) goes through all.
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { catchPlanted, plantedBugs } from "../../simulation/planted/index.ts";
import { readSources } from "../support/read-sources.ts";

/** Of every kind of catcher, those that take a second. */
const quick = ["unsynced-votes", "unguarded-signature", "quorum-less-one", "nullify-after-finalize", "notarize-twice"];

test("there are at least 20, each under its own name, each place found exactly once", () => {
  assert.ok(plantedBugs.length >= 20, String(plantedBugs.length));
  assert.is(new Set(plantedBugs.map(({ name }) => name)).size, plantedBugs.length);
  for (const { name, edits } of plantedBugs) {
    for (const { file, find, replace } of edits) {
      assert.is(readFileSync(file, "utf8").split(find).length, 2, `${name} in ${file}`);
      assert.is.not(find, replace, name);
    }
  }
});

test("nothing in src or bin speaks of them", async () => {
  for (const { path, text } of await readSources(".", ["src/**/*.ts", "bin/**/*.ts"])) {
    assert.not.match(text, /planted|registerHooks/, path);
  }
});

for (const name of quick) {
  test(`${name} is caught`, async () => {
    const bug = plantedBugs.find((each) => each.name === name);
    assert.ok(bug);
    const { after } = await catchPlanted(bug);
    assert.ok(after !== undefined);
  });
}

test("a bug whose place is gone is an error, and no silent success", async () => {
  const [first] = plantedBugs;
  assert.ok(first);
  const edits = first.edits.map((edit) => ({ ...edit, find: "no such words in any file" }));
  try {
    await catchPlanted({ ...first, edits });
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /is not found once/);
  }
});

test.run();
