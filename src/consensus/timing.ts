// How long a view may take (S-1) and how delta follows what the network can do (S-9). All in milliseconds.
export interface Timing {
  /** Between a block and the next (L-2). */
  readonly intervalMs: number;
  /** Where delta starts, and below which it never shrinks. */
  readonly deltaMs: number;
  readonly deltaMaxMs: number;
  /** How far honest clocks may differ; at most a quarter of delta. */
  readonly driftMs: number;
}

/** The most that delta grows to (S-9). */
export const deltaMaxMs = 60_000;

/** Timing from a preset's block interval and delta. */
export const timingOf = (intervalMs: number, deltaMs: number): Timing => ({
  intervalMs,
  deltaMs,
  deltaMaxMs,
  driftMs: Math.floor(deltaMs / 4),
});

/** S-1: after this long without a proposal a seat nullifies. */
export const proposeTimeoutMs = (timing: Timing, deltaMs: number): number =>
  timing.intervalMs + 2 * deltaMs + 2 * timing.driftMs;

/** S-1: after this long in one view a seat nullifies whatever it saw. */
export const advanceTimeoutMs = (timing: Timing, deltaMs: number): number =>
  timing.intervalMs + 3 * deltaMs + 2 * timing.driftMs;

/** S-9: grows by half for a view that was nullified. */
export const grownDelta = (timing: Timing, deltaMs: number): number =>
  Math.min(timing.deltaMaxMs, deltaMs + Math.ceil(deltaMs / 2));

/** S-9: halves at a finalization, never below the start. */
export const shrunkDelta = (timing: Timing, deltaMs: number): number =>
  Math.max(timing.deltaMs, Math.floor(deltaMs / 2));
