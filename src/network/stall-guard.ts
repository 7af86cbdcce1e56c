// One signal for a long exchange, which aborts when a wait for the other side takes too long: cheaper than a timer for each
// wait. What our own side takes is not counted.
export interface StallGuard {
  readonly signal: AbortSignal;
  /** Waits for the other side. Rejects by the signal when that takes longer than the guard allows. */
  wait<T>(other: Promise<T>): Promise<T>;
  end(): void;
}

export function stallGuard(ms: number): StallGuard {
  const controller = new AbortController();
  let waiting = false;
  const timer = setTimeout(() => {
    if (waiting) controller.abort(new DOMException("the other side stalled", "TimeoutError"));
  }, ms).unref();
  return {
    signal: controller.signal,
    async wait(other) {
      timer.refresh();
      waiting = true;
      try {
        return await other;
      } finally {
        waiting = false;
      }
    },
    end: () => clearTimeout(timer),
  };
}
