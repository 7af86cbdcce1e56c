// The Clock port on the machine's clock.
import type { Clock } from "../ports/index.ts";

/** setTimeout's longest wait; a later time is waited for in steps. */
const timerMsMax = 2 ** 31 - 1;

function at(atMs: number, run: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const leftMs = atMs - Date.now();
    timer = leftMs > timerMsMax ? setTimeout(arm, timerMsMax) : setTimeout(run, Math.max(leftMs, 0));
  };
  arm();
  return () => clearTimeout(timer);
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  at,
  sleep: (ms, signal) =>
    new Promise((settle, fail) => {
      signal.throwIfAborted();
      const stop = (): void => {
        cancel();
        fail(signal.reason);
      };
      const cancel = at(Date.now() + ms, () => {
        signal.removeEventListener("abort", stop);
        settle();
      });
      signal.addEventListener("abort", stop, { once: true });
    }),
};
