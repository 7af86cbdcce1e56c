// Runs the tests: one process a file, two at a time, each with a time limit. `npm test -- consensus` runs the files whose
// path holds "consensus"; `--watch` runs again when a file changes; `--slow` adds the suites named *.slow.ts.
// uvu alone ends with 0 when a suite forgot `.run()`, when a hook throws, when nothing matches: here each of these fails.
import { watch } from "node:fs";
import { parseArgs } from "node:util";
import { findTests } from "./support/find-tests.ts";
import { type FileOutcome, runFile } from "./support/run-file.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    watch: { type: "boolean", default: false },
    slow: { type: "boolean", default: false },
    root: { type: "string", default: "test" },
    jobs: { type: "string", default: "2" },
    "timeout-ms": { type: "string", default: "300000" },
  },
});

function report(outcome: FileOutcome): void {
  const seconds = (outcome.durationMs / 1000).toFixed(1);
  console.log(
    `${outcome.problem === undefined ? "ok  " : "FAIL"} ${outcome.file} ${outcome.passed} passed (${seconds} s)`,
  );
  if (outcome.problem !== undefined)
    console.log(`${outcome.output.trimEnd()}\n  ${outcome.file}: ${outcome.problem}\n`);
}

async function runAll(): Promise<boolean> {
  const files = await findTests(values.root, positionals, values.slow);
  const queue = [...files];
  const outcomes: FileOutcome[] = [];
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const outcome = await runFile(file, Number(values["timeout-ms"]));
      outcomes.push(outcome);
      report(outcome);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
  if (files.length === 0)
    console.log(`no test file under ${values.root} matches ${positionals.join(" ") || "*.test.ts"}`);
  const sum = (of: (outcome: FileOutcome) => number): number => outcomes.reduce((total, each) => total + of(each), 0);
  console.log(`${sum((o) => o.passed)} passed, ${sum((o) => o.failed)} failed, ${sum((o) => o.skipped)} skipped`);
  return files.length > 0 && outcomes.every((outcome) => outcome.problem === undefined);
}

const green = await runAll();
if (!values.watch) process.exit(green ? 0 : 1);

let running = false;
let again = false;
async function rerun(): Promise<void> {
  again = true;
  if (running) return;
  running = true;
  while (again) {
    again = false;
    await runAll();
  }
  running = false;
}
for (const folder of ["src", "test", "simulation"]) {
  watch(folder, { recursive: true }, (_, file) => {
    if (file?.endsWith(".ts")) void rerun();
  });
}
