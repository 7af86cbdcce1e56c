// Frames on their way to other accounts: for each account a bounded line, one frame in flight at a time, in order.
// Nothing is promised: what cannot be sent is dropped, and said again by the core's resending (S-8). A short frame whose seat
// cannot be reached goes out by gossip as well, once: others may reach it.

import type { Clock, Transport } from "../../ports/index.ts";
import { type AccountId, type Bytes, keyOf } from "../../primitives/index.ts";
import { withDeadline } from "./deadline.ts";
import { driverProtocols, limits } from "./wire.ts";

interface Line {
  readonly account: AccountId;
  readonly frames: Bytes[];
  bytes: number;
  sending: boolean;
}

export class Outbox {
  readonly #lines = new Map<string, Line>();
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #stopped: AbortSignal;
  readonly #gossiped = new WeakSet<Bytes>();
  #dropped = 0;

  constructor(ports: { readonly transport: Transport; readonly clock: Clock; readonly stopped: AbortSignal }) {
    this.#transport = ports.transport;
    this.#clock = ports.clock;
    this.#stopped = ports.stopped;
  }

  /** Frames dropped so far, because a line was full or a peer could not be reached. */
  get dropped(): number {
    return this.#dropped;
  }

  send(account: AccountId, frame: Bytes): void {
    const key = keyOf(account);
    const line = this.#lines.get(key) ?? { account, frames: [], bytes: 0, sending: false };
    this.#lines.set(key, line);
    line.frames.push(frame);
    line.bytes += frame.length;
    while (
      line.frames.length > limits.outboxFramesMax ||
      (line.bytes > limits.outboxBytesMax && line.frames.length > 1)
    ) {
      line.bytes -= line.frames.shift()?.length ?? 0;
      this.#dropped += 1;
    }
    if (!line.sending) void this.#drain(line, key);
  }

  async #drain(line: Line, key: string): Promise<void> {
    line.sending = true;
    for (let frame = line.frames.shift(); frame !== undefined && !this.#stopped.aborted; frame = line.frames.shift()) {
      const bytes = frame;
      line.bytes -= bytes.length;
      try {
        await withDeadline(this.#clock, { ms: limits.requestTimeoutMs, parent: this.#stopped }, (signal) =>
          this.#transport.send(line.account, driverProtocols.messages, bytes, signal),
        );
      } catch (cause) {
        this.#dropped += 1;
        if ((cause as { code?: string }).code === "PEER_UNREACHABLE") this.#gossip(bytes);
      }
    }
    line.sending = false;
    this.#lines.delete(key);
  }

  #gossip(frame: Bytes): void {
    if (frame.length > limits.gossipedFrameBytesMax || this.#gossiped.has(frame)) return;
    this.#gossiped.add(frame);
    this.#transport.publish("consensus", frame).catch(() => {
      this.#dropped += 1;
    });
  }
}
