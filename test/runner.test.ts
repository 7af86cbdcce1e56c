// The runner against every way in which uvu reports success without having tested anything.
import { spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";

function run(fixture: string): { readonly code: number | null; readonly output: string; readonly lastLine: string } {
  const args = ["test/run.ts", "--root", `test/fixtures/runner/${fixture}`, "--timeout-ms", "4000"];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return { code: status, output: stdout, lastLine: stdout.trimEnd().split("\n").at(-1) ?? "" };
}

for (const [fixture, problem] of [
  ["forgotten-run", "is `.run()` missing?"],
  ["hook-throws", "did not pass|no test reported|exit code"],
  ["odd-rejection", "did not pass|no test reported|exit code"],
  ["open-handle", "a handle left open"],
  ["failing", "1 of 1 did not pass"],
  ["empty", "no test"],
  ["late-exit", "exit code 3"],
  ["no-such-folder", "no test file"],
] as const) {
  test(`${fixture} fails`, () => {
    const { code, output, lastLine } = run(fixture);
    assert.is(code, 1, output);
    assert.match(output, new RegExp(problem.replace(/[`.?()]/g, "\\$&")));
    assert.match(lastLine, /^\d+ passed, \d+ failed, \d+ skipped$/);
  });
}

test("passing passes", () => {
  const { code, lastLine } = run("passing");
  assert.is(code, 0);
  assert.is(lastLine, "1 passed, 0 failed, 0 skipped");
});

test("a skipped test is counted and does not fail", () => {
  const { code, lastLine } = run("skipped");
  assert.is(code, 0);
  assert.is(lastLine, "1 passed, 0 failed, 1 skipped");
});

test.run();
