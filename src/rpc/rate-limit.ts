// A token bucket a caller: a second's worth may be used at once. Remembers a bounded number of callers.
const callersMax = 10_000;

export class RateLimit {
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(perSecond: number, nowMs: () => number) {
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
  }

  /** Whether the caller may do so many more things now; if so, they are counted. */
  take(caller: string, things = 1): boolean {
    const atMs = this.#nowMs();
    const bucket = this.#buckets.get(caller) ?? { tokens: this.#perSecond, atMs };
    const tokens = Math.min(this.#perSecond, bucket.tokens + ((atMs - bucket.atMs) * this.#perSecond) / 1000);
    const taken = tokens >= Math.min(things, this.#perSecond);
    this.#buckets.delete(caller);
    this.#buckets.set(caller, { tokens: taken ? tokens - things : tokens, atMs });
    if (this.#buckets.size > callersMax) this.#buckets.delete(this.#buckets.keys().next().value as string);
    return taken;
  }
}
