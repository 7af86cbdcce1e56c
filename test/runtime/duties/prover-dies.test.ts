// A prover whose process is killed in the middle of its answer, over TCP: the audit fails with a reason at once, measures nothing,
// and the next one passes when the prover is back.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { startAuditor } from "../../support/bandwidth-line.ts";
import { stopAfterEach } from "../../support/stop-after.ts";

const during = stopAfterEach(test);
const offeredMbit = 8n;
const bytesPerSecond = 1_000_000;
const children: ChildProcess[] = [];
test.after.each(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

async function spawnProver(): Promise<{ readonly at: string; readonly child: ChildProcess }> {
  const words = ["test/support/bandwidth-sender.ts", "prover", String(offeredMbit), String(bytesPerSecond)];
  const child = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { child, at: (JSON.parse(line) as { readonly at: string }).at };
}

/** Of a transfer of two seconds. */
const middleMs = 700;

test("a prover that is killed in the middle fails, measures nothing, and passes when it is back", async () => {
  const first = await spawnProver();
  const auditor = await during(startAuditor(1, offeredMbit, first.at));
  const auditing = auditor.audit("one");
  setTimeout(() => first.child.kill("SIGKILL"), middleMs);
  const startedMs = performance.now();
  const { passed, measured, fault } = await auditing;
  assert.ok(!passed && measured === 0n);
  assert.match(fault ?? "", /PEER_FAILED/);
  assert.ok(performance.now() - startedMs < 20_000, "it is found out by the line, not by a time-out");
  const back = await spawnProver();
  const next = await during(startAuditor(2, offeredMbit, back.at));
  const after = await next.audit("two");
  assert.ok(after.passed, after.fault);
});

test.run();
