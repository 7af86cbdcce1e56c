// Asking others what we lack (S-8): our status goes out, their frames come in as if they had sent them.
// One question an account at a time; also how a restarted node learns of votes that it might have forgotten (S-14).
import { type State, statusOf } from "../../consensus/index.ts";
import type { Clock, Log, Transport, Verdict } from "../../ports/index.ts";
import { type AccountId, keyOf } from "../../primitives/index.ts";
import { statusCodec } from "../../schema/index.ts";
import { withDeadline } from "./deadline.ts";
import { driverProtocols, limits } from "./wire.ts";

const framesMax = 512;

export interface InquiryOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  readonly stopped: AbortSignal;
  readonly state: () => State;
  readonly receive: (bytes: Uint8Array, from: AccountId) => Promise<Verdict>;
  /** An account answered to the end what was asked in `term`. */
  readonly onAnswer: (from: AccountId, term: number) => void;
}

export class Inquiry {
  readonly #options: InquiryOptions;
  readonly #asking = new Set<string>();

  constructor(options: InquiryOptions) {
    this.#options = options;
  }

  ask(account: AccountId): void {
    const key = keyOf(account);
    if (this.#asking.has(key) || this.#options.stopped.aborted) return;
    this.#asking.add(key);
    const { term } = this.#options.state().committee;
    void this.#run(account, term).finally(() => {
      this.#asking.delete(key);
      // Meanwhile another term began, in which it may have been meant to be asked.
      if (this.#options.state().committee.term !== term) this.ask(account);
    });
  }

  async #run(account: AccountId, term: number): Promise<void> {
    const { transport, clock, stopped, state, receive, onAnswer, log } = this.#options;
    const status = statusCodec.encode(statusOf(state()));
    try {
      await withDeadline(clock, { ms: limits.requestTimeoutMs, parent: stopped }, async (signal) => {
        let frames = 0;
        for await (const frame of transport.request(account, driverProtocols.status, status, signal)) {
          if (++frames > framesMax || stopped.aborted) return;
          await receive(frame, account);
        }
      });
      onAnswer(account, term);
    } catch (error) {
      log.debug("a status was not answered", { error: String(error) });
    }
  }
}
