// Time as seen by a node. The core never asks: time reaches it as `nowMs` on an input.
export interface Clock {
  /** Milliseconds since 1970, as the machine believes. */
  nowMs(): number;
  /** Milliseconds from an arbitrary start, never going back: for measuring how long something took. */
  monotonicMs(): number;
  /** Calls `run` once at or after `atMs` of `nowMs`; the answer cancels it. */
  at(atMs: number, run: () => void): () => void;
  /** Settles after `ms`; rejects with the signal's reason when that comes first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
