// How the last blocks came: at the pace at which they were made, or faster, which is how a node that was behind catches up.

/** Blocks looked at. */
const kept = 16;
/** Fewer say nothing. */
const needed = 4;
/** Without a block for this long, a node that is behind does not catch up: it waits. */
const quietMs = 10_000;

interface Arrival {
  readonly committedMs: number;
  readonly timestampMs: number;
}

export class BlockPace {
  #arrivals: readonly Arrival[] = [];
  readonly #lateMs: number;

  /** A block that is older than `lateMs` when it becomes final here is late. */
  constructor(lateMs: number) {
    this.#lateMs = lateMs;
  }

  note(arrival: Arrival): void {
    this.#arrivals = [...this.#arrivals, arrival].slice(-kept);
  }

  /** Median of (time of commit here - the block's timestamp) in ms; undefined until enough blocks came. */
  ageMs(): number | undefined {
    if (this.#arrivals.length < kept) return undefined;
    return this.#arrivals.map(({ committedMs, timestampMs }) => committedMs - timestampMs).toSorted((a, b) => a - b)[
      kept / 2
    ];
  }

  /** Late blocks come half as fast again as they were made, or faster. A clock that is off sees them late at their own pace. */
  catchingUp(nowMs: number): boolean {
    const [first, last] = [this.#arrivals[0], this.#arrivals.at(-1)];
    if (first === undefined || last === undefined || this.#arrivals.length < needed) return false;
    if (nowMs - last.committedMs > quietMs || last.committedMs - last.timestampMs <= this.#lateMs) return false;
    return 2 * (last.timestampMs - first.timestampMs) >= 3 * (last.committedMs - first.committedMs);
  }
}
