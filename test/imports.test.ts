// Only downwards, only through doors, no cycles: in the project, and in fixtures that break each rule.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkImports } from "./support/import-rules.ts";
import { readSources } from "./support/read-sources.ts";

test("the project keeps the import rules", async () => {
  const files = await readSources(".", ["src/**/*.ts", "bin/**/*.ts", "simulation/**/*.ts"]);
  assert.ok(files.length > 20);
  assert.equal(checkImports(files), []);
});

test("each rule is noticed when broken", async () => {
  const broken = checkImports(await readSources("test/fixtures/rules", ["src/**/*.ts"]));
  const said = (text: string): boolean => broken.some((line) => line.includes(text));
  assert.ok(said("src/primitives/upward.ts:1: primitives may not import ledger"), broken.join("\n"));
  assert.ok(said("src/network/sibling.ts:1: network may not import storage"));
  assert.ok(said("src/crypto/past-the-door.ts:1: primitives is imported through its door"));
  assert.ok(said("src/crypto/own-door.ts:1: insiders never import their own door"));
  assert.ok(said("src/cli/simulation.ts:1: src never imports simulation"));
  assert.ok(said("a cycle: src/schema/one.ts -> src/schema/two.ts -> src/schema/one.ts"));
  assert.is(broken.length, 6, broken.join("\n"));
});

test.run();
