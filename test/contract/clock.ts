// What every Clock must do. Called with a clock and a way to let its time pass.
import type { test as uvuTest } from "uvu";
import * as assert from "uvu/assert";
import type { Clock } from "../../src/ports/index.ts";

export interface ClockUnderTest {
  readonly clock: Clock;
  /** Lets at least `ms` of the clock's time pass. */
  pass(ms: number): Promise<void>;
}

export function clockContract(test: typeof uvuTest, name: string, make: () => ClockUnderTest): void {
  test(`${name}: both times go forward by what passes`, async () => {
    const { clock, pass } = make();
    const [now, monotonic] = [clock.nowMs(), clock.monotonicMs()];
    await pass(20);
    assert.ok(clock.nowMs() >= now + 19, "nowMs");
    assert.ok(clock.monotonicMs() >= monotonic + 19, "monotonicMs");
  });

  test(`${name}: calls once, not early, in the order of the times`, async () => {
    const { clock, pass } = make();
    const start = clock.nowMs();
    const calls: [string, number][] = [];
    clock.at(start + 30, () => calls.push(["later", clock.nowMs()]));
    clock.at(start + 10, () => calls.push(["sooner", clock.nowMs()]));
    assert.equal(calls, [], "never at once");
    await pass(80);
    assert.equal(
      calls.map(([what]) => what),
      ["sooner", "later"],
    );
    assert.ok((calls[0]?.[1] ?? 0) >= start + 9 && (calls[1]?.[1] ?? 0) >= start + 29);
    await pass(40);
    assert.is(calls.length, 2);
  });

  test(`${name}: a time that has passed is called soon, and never within the call`, async () => {
    const { clock, pass } = make();
    let called = 0;
    clock.at(clock.nowMs() - 1000, () => called++);
    assert.is(called, 0);
    await pass(20);
    assert.is(called, 1);
  });

  test(`${name}: what is cancelled is not called, and may be cancelled again`, async () => {
    const { clock, pass } = make();
    let called = 0;
    const cancel = clock.at(clock.nowMs() + 10, () => called++);
    cancel();
    cancel();
    await pass(40);
    assert.is(called, 0);
  });

  test(`${name}: sleep settles after its time, or rejects with the signal's reason`, async () => {
    const { clock, pass } = make();
    const outcomes: string[] = [];
    const stop = new AbortController();
    const note = (what: string) =>
      [() => void outcomes.push(what), (error: Error) => void outcomes.push(error.message)] as const;
    void clock.sleep(10, new AbortController().signal).then(...note("slept"));
    void clock.sleep(10_000, stop.signal).then(...note("never"));
    await pass(40);
    assert.equal(outcomes, ["slept"]);
    stop.abort(new Error("stopped"));
    await pass(5);
    void clock.sleep(10, stop.signal).then(...note("never"));
    await pass(5);
    assert.equal(outcomes, ["slept", "stopped", "stopped"]);
  });
}
