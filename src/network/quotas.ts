// What peers may ask of this node at once and over time, by protocol. Kept by peer and beyond its disconnection, so that
// connecting again starts nothing anew. Used by streams.ts.
import { type RequestLimits, requestLimitsOf } from "./protocols.ts";
import { TokenBucket } from "./token-bucket.ts";

interface Usage {
  readonly bucket: TokenBucket;
  open: number;
}

/** A question's room, from the stream's opening on. */
export interface Place {
  /** The question is here, and an answer begins: false when so many of all peers are made, for which nobody is to blame. */
  begin(): boolean;
  leave(): void;
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

  /** Room for one question of a peer's own share; undefined, with nothing taken, when that is used up. */
  enter(peer: string, protocol: string): Place | undefined {
    const limits = requestLimitsOf(protocol);
    const usage = this.#usage(`${peer} ${protocol}`, limits);
    if (usage.open >= limits.perPeerMax || !usage.bucket.take()) return undefined;
    usage.open += 1;
    let stage: "asks" | "answered" | "left" = "asks";
    const openNow = (): number => this.#open.get(protocol) ?? 0;
    return {
      begin: () => {
        if (stage !== "asks" || openNow() >= limits.totalMax) return false;
        stage = "answered";
        this.#open.set(protocol, openNow() + 1);
        return true;
      },
      leave: () => {
        if (stage === "left") return;
        usage.open -= 1;
        if (stage === "answered") this.#open.set(protocol, openNow() - 1);
        stage = "left";
      },
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
