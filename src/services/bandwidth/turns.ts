// One transfer after another over a line that each is to measure alone: side by side, every auditor would find a share of it.
// Whoever comes first goes first; a slow one holds the others up for a bounded time only.
import type { Clock } from "../../ports/index.ts";

export class Turns {
  readonly #clock: Clock;
  #before: Promise<void> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for all who came earlier. The turn ends by what this answers, or after `turnMs`. */
  async take(turnMs: number): Promise<() => void> {
    const before = this.#before;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#before = promise;
    await before;
    const cancel = this.#clock.at(this.#clock.nowMs() + turnMs, resolve);
    return () => {
      cancel();
      resolve();
    };
  }
}
