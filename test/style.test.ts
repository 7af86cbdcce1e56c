// The style rules, in the project and in fixtures that break each of them.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readSources } from "./support/read-sources.ts";
import { checkStyle } from "./support/style-rules.ts";

test("the project keeps the style rules", async () => {
  const files = await readSources(".", ["src/**/*.ts", "bin/**/*.ts", "simulation/**/*.ts", "test/**/*.ts"]);
  assert.equal(checkStyle(files.filter((file) => !file.path.startsWith("test/fixtures/"))), []);
});

test("each rule is noticed when broken", async () => {
  const broken = checkStyle(await readSources("test/fixtures/rules", ["src/{consensus,ledger}/*.ts", "test/*.ts"]));
  for (const line of [
    "src/consensus/impure.ts:3: .entries() of a Map or Set",
    "src/consensus/impure.ts:4: .forEach() of a Map or Set",
    "src/consensus/impure.ts:9: a Map or Set in for-of",
    "src/consensus/impure.ts:10: a Map or Set spread",
    "src/consensus/impure.ts:11: .values() of a Map or Set",
    "src/consensus/impure.ts:5: Date in a pure folder",
    "src/consensus/impure.ts:6: Math.random in a pure folder",
    "src/consensus/impure.ts:7: await in a pure folder",
    "src/ledger/no-header.ts:1: a file begins with what it is for",
    "src/ledger/long.ts:402: 402 lines",
    "src/ledger/long-function.ts:2: a function of 82 lines",
    "src/ledger/date-utils.ts:1: a name that says nothing",
    "src/ledger/camelCase.ts:1: file names are in kebab-case",
    "src/ledger/parameters.ts:2: 5 parameters",
    "test/x.test.ts:1: no .run()",
  ]) {
    assert.ok(
      broken.some((each) => each.startsWith(line)),
      `${line} is missing from:\n${broken.join("\n")}`,
    );
  }
});

test.run();
