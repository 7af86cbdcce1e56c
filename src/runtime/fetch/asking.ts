// One question to one peer with a time to end in: what is slow is found out and passed over like what is cut.
import type { Clock } from "../../ports/index.ts";
import { type AccountId, type Bytes, FairmeshError } from "../../primitives/index.ts";
import type { FetchParts } from "./fetch-range.ts";

export interface AskingParts extends FetchParts {
  readonly clock: Clock;
  /** Told of a peer whose answer did not come in time. */
  readonly onSlow: (from: AccountId) => void;
}

/** An answer of 16 MiB on a line of 2 Mbit/s. */
const answerMs = 64_000;

export interface Question {
  readonly from: AccountId;
  readonly protocol: string;
  readonly question: Bytes;
}

/** The answer's chunks. Rejects with `TIMED_OUT` when it has not ended in time, and as `Transport.request` does. */
export async function* asked(
  { transport, clock, onSlow }: AskingParts,
  { from, protocol, question }: Question,
  signal: AbortSignal,
): AsyncIterable<Bytes> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  const late = (): void => controller.abort(new FairmeshError("TIMED_OUT", `no answer within ${answerMs} ms`));
  const cancel = clock.at(clock.nowMs() + answerMs, late);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  try {
    yield* transport.request(from, protocol, question, controller.signal);
  } catch (error) {
    if (controller.signal.aborted && !signal.aborted) onSlow(from);
    throw error;
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
  }
}
