// Runs one test file in a process of its own and judges what came of it, trusting uvu's exit code as little as it deserves.
import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

export interface FileOutcome {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly durationMs: number;
  readonly output: string;
  /** Why the file failed; absent when it did not. */
  readonly problem?: string;
}

const outputBytesMax = 1 << 20;

interface Ended {
  readonly output: string;
  readonly code: number | null;
  readonly timedOut: boolean;
}

function runProcess(file: string, timeoutMs: number): Promise<Ended> {
  return new Promise((settle) => {
    const child = spawn(process.execPath, ["--unhandled-rejections=strict", file], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
      detached: true,
    });
    let output = "";
    let timedOut = false;
    const take = (chunk: Buffer): void => {
      if (output.length < outputBytesMax) output += chunk.toString();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    const timer = setTimeout(() => {
      timedOut = true;
      // The whole group: a test may have started processes of its own.
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, timeoutMs);
    child.on("close", (code) => {
      clearTimeout(timer);
      settle({ output: stripVTControlCharacters(output), code, timedOut });
    });
  });
}

/** uvu's closing lines; a file with several suites prints them once, with the sums. */
function count(output: string, word: string): number | undefined {
  const found = [...output.matchAll(new RegExp(`^\\s*${word}:\\s+(\\d+)\\s*$`, "gm"))];
  return found.length === 0 ? undefined : found.reduce((sum, match) => sum + Number(match[1]), 0);
}

function problemOf(ended: Ended, timeoutMs: number): string | undefined {
  if (ended.timedOut) return `still running after ${timeoutMs} ms: a handle left open, or too slow`;
  const total = count(ended.output, "Total");
  if (total === undefined) return "no test reported: is `.run()` missing?";
  if (total === 0) return "no test in it";
  const passed = count(ended.output, "Passed") ?? 0;
  const skipped = count(ended.output, "Skipped") ?? 0;
  // uvu leaves skipped tests out of Total.
  if (passed < total)
    return `${total - passed} of ${total} did not pass${skipped > 0 ? ` (${skipped} skipped besides)` : ""}`;
  if (ended.code !== 0) return `exit code ${ended.code}`;
  return undefined;
}

export async function runFile(file: string, timeoutMs: number): Promise<FileOutcome> {
  const startedMs = performance.now();
  const ended = await runProcess(file, timeoutMs);
  const problem = problemOf(ended, timeoutMs);
  const passed = count(ended.output, "Passed") ?? 0;
  const failed = Math.max((count(ended.output, "Total") ?? 0) - passed, problem === undefined ? 0 : 1);
  return {
    file,
    passed,
    failed,
    skipped: count(ended.output, "Skipped") ?? 0,
    durationMs: performance.now() - startedMs,
    output: ended.output,
    ...(problem === undefined ? {} : { problem }),
  };
}
