// The golden transcripts (test/vectors/consensus): what the core answers to each story is what the file says.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { replay } from "../support/transcript.ts";

const folder = join(import.meta.dirname, "../vectors/consensus");
const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));

test("there are stories to tell", () => assert.ok(files.length >= 10));

for (const file of files) {
  test(file, () => {
    const text = readFileSync(join(folder, file), "utf8");
    assert.match(text, /^ {4}= view/m, "it has answers in it");
    assert.fixture(replay(text), text);
  });
}

test("words that are no input are refused", () => {
  assert.throws(() => replay("seat 0 of 4\n\n> vote 1 applaud 1\n"), /this is no input/);
});

test.run();
