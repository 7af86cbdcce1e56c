// An AbortSignal that aborts by the Clock port, so that simulated time can run out too (AbortSignal.timeout cannot).

import type { Clock } from "../../ports/index.ts";
import { FairmeshError } from "../../primitives/index.ts";

/** Runs `work` with a signal that aborts after `ms`, or with `parent`; the timer ends with the work. */
export async function withDeadline<T>(
  clock: Clock,
  limit: { readonly ms: number; readonly parent: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const late = (): void => controller.abort(new FairmeshError("TIMED_OUT", `no answer within ${limit.ms} ms`));
  const stop = (): void => controller.abort(limit.parent.reason);
  const cancel = clock.at(clock.nowMs() + limit.ms, late);
  if (limit.parent.aborted) stop();
  limit.parent.addEventListener("abort", stop);
  try {
    return await work(controller.signal);
  } finally {
    cancel();
    limit.parent.removeEventListener("abort", stop);
  }
}
