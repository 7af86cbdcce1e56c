// What peers may ask of this node at once and over time, by protocol. Kept by peer and beyond its disconnection, so that
// connecting again starts nothing anew. Used by streams.ts.
import { type RequestLimits, requestLimitsOf } from "./protocols.ts";
import { TokenBucket } from "./token-bucket.ts";

interface Usage {
  readonly bucket: TokenBucket;
  open: number;
}

/** Uses remembered at most; the one longest unused goes first. */
const usagesMax = 8_192;

export class Quotas {
  readonly #nowMs: () => number;
  readonly #usages = new Map<string, Usage>();
  readonly #open = new Map<string, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Room for one question: answers what gives it back, or undefined with nothing taken. */
  enter(peer: string, protocol: string): (() => void) | undefined {
    const limits = requestLimitsOf(protocol);
    const usage = this.#usage(`${peer} ${protocol}`, limits);
    const total = this.#open.get(protocol) ?? 0;
    if (usage.open >= limits.perPeerMax || total >= limits.totalMax || !usage.bucket.take()) return undefined;
    usage.open += 1;
    this.#open.set(protocol, total + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      usage.open -= 1;
      this.#open.set(protocol, (this.#open.get(protocol) ?? 1) - 1);
    };
  }

  #usage(key: string, { perSecond, burst }: RequestLimits): Usage {
    const usage = this.#usages.get(key) ?? {
      bucket: new TokenBucket({ perSecond, burst, nowMs: this.#nowMs }),
      open: 0,
    };
    this.#usages.delete(key);
    this.#usages.set(key, usage);
    if (this.#usages.size > usagesMax) this.#forgetOne();
    return usage;
  }

  #forgetOne(): void {
    for (const [key, usage] of this.#usages) {
      if (usage.open > 0) continue;
      this.#usages.delete(key);
      return;
    }
  }
}
