// The core's timers on the Clock port, by token. A token that the core no longer knows is cancelled, so that none pile up.
import type { Clock } from "../../ports/index.ts";

export class Timers {
  readonly #clock: Clock;
  readonly #fire: (token: number) => void;
  readonly #armed = new Map<number, () => void>();

  constructor(clock: Clock, fire: (token: number) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  arm(token: number, atMs: number): void {
    const cancel = this.#clock.at(atMs, () => {
      this.#armed.delete(token);
      this.#fire(token);
    });
    this.#armed.set(token, cancel);
  }

  keepOnly(tokens: readonly number[]): void {
    for (const [token, cancel] of Array.from(this.#armed)) {
      if (tokens.includes(token)) continue;
      cancel();
      this.#armed.delete(token);
    }
  }

  clear(): void {
    this.keepOnly([]);
  }
}
