// Auditors that ask one prover at once, on real streams: together they take no more than is set for audits, and each finds the
// line as if it were alone. Side by side each would find a third.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { startAuditor, startProver } from "../../support/bandwidth-line.ts";
import { stopAfterEach } from "../../support/stop-after.ts";

const during = stopAfterEach(test);
const offeredMbit = 8n;
const bytesPerSecond = 1_250_000;
const transferBytes = 2 << 20;
const savedBytes = 256 << 10;

test("three audits at once: within the rate, one after another, none at the others' cost", async () => {
  const prover = await during(startProver(offeredMbit, bytesPerSecond));
  const auditors = await Promise.all(
    Array.from({ length: 3 }, (_, index) => during(startAuditor(index + 1, offeredMbit, prover.at))),
  );
  const startedMs = performance.now();
  const endedMs: number[] = [];
  const findings = await Promise.all(
    auditors.map(async ({ audit }) => {
      const finding = await audit("at once");
      endedMs.push(performance.now() - startedMs);
      return finding;
    }),
  );
  for (const { passed, fault, measured } of findings) {
    assert.ok(passed, fault);
    assert.ok(measured <= offeredMbit && measured * 2n > offeredMbit, `${measured} of ${offeredMbit} Mbit/s`);
  }
  for (const [index, ms] of endedMs.entries()) {
    // What may be saved up (a chunk, src/network/traffic.ts), and what a timer is early.
    const leastMs = (((index + 1) * transferBytes - savedBytes) / bytesPerSecond) * 1000 - 50;
    assert.ok(ms >= leastMs, `audit ${index + 1} ended after ${ms} ms, not ${leastMs}`);
  }
});

test.run();
