// A rate with some saving up: what a peer may take, and how long whoever takes more has to wait.
export interface BucketOptions {
  readonly perSecond: number;
  readonly burst: number;
  readonly nowMs: () => number;
}

export class TokenBucket {
  readonly #options: BucketOptions;
  #tokens: number;
  #atMs: number;

  constructor(options: BucketOptions) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#atMs = options.nowMs();
  }

  /** Takes `amount` if it is there. */
  take(amount = 1): boolean {
    this.#refill();
    if (this.#tokens < amount) return false;
    this.#tokens -= amount;
    return true;
  }

  /** Takes `amount` in any case, and says how many milliseconds to wait for it. */
  owe(amount: number): number {
    this.#refill();
    this.#tokens -= amount;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#options.perSecond);
  }

  /** Whether anything is left. */
  get holds(): boolean {
    this.#refill();
    return this.#tokens > 0;
  }

  /** Whether it is as full as one that was never used: then it need not be remembered. */
  get full(): boolean {
    this.#refill();
    return this.#tokens >= this.#options.burst;
  }

  #refill(): void {
    const nowMs = this.#options.nowMs();
    const earned = ((nowMs - this.#atMs) * this.#options.perSecond) / 1000;
    this.#tokens = Math.min(this.#options.burst, this.#tokens + earned);
    this.#atMs = nowMs;
  }
}
