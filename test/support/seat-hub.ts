// Seats on one machine that talk through this process: some live in it, one in a child process over its IPC channel. Delivers
// at once and in order, loses nothing but what is sent to a seat that is down; every frame of the child can be looked at.
import type { Transport } from "../../src/ports/index.ts";
import { type AccountId, type Bytes, FairmeshError, keyOf } from "../../src/primitives/index.ts";

/** What a seat answers to others. */
export interface SeatEndpoint {
  message(protocol: string, bytes: Bytes, from: AccountId): void;
  request(protocol: string, bytes: Bytes, from: AccountId): Promise<readonly Bytes[]>;
}

/** A Transport for a seat and what the others reach it by. `ask` and `tell` carry to the hub. */
export function seatTransport(way: {
  readonly tell: (to: AccountId, protocol: string, bytes: Bytes) => void;
  readonly ask: (to: AccountId, protocol: string, bytes: Bytes) => Promise<readonly Bytes[]>;
  readonly peers: readonly AccountId[];
}): { readonly transport: Transport; readonly endpoint: SeatEndpoint } {
  const messages = new Map<string, (bytes: Bytes, from: AccountId) => Promise<void>>();
  const requests = new Map<string, (bytes: Bytes, from: AccountId, signal: AbortSignal) => AsyncIterable<Bytes>>();
  return {
    transport: {
      publish: async () => {},
      send: async (to, protocol, bytes) => way.tell(to, protocol, bytes),
      async *request(to, protocol, bytes, signal) {
        const aborted = new Promise<never>((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
        yield* await Promise.race([way.ask(to, protocol, bytes), aborted]);
      },
      onGossip: () => {},
      onMessage: (protocol, handle) => messages.set(protocol, handle),
      onRequest: (protocol, handle) => requests.set(protocol, handle),
      peers: () => way.peers,
    },
    endpoint: {
      message: (protocol, bytes, from) => void messages.get(protocol)?.(bytes, from),
      async request(protocol, bytes, from) {
        const handle = requests.get(protocol);
        if (handle === undefined) throw new FairmeshError("PEER_UNREACHABLE", "nobody answers this");
        const chunks: Bytes[] = [];
        for await (const chunk of handle(bytes, from, new AbortController().signal)) chunks.push(chunk);
        return chunks;
      },
    },
  };
}

export class SeatHub {
  readonly #seats = new Map<string, SeatEndpoint>();

  set(account: AccountId, endpoint: SeatEndpoint | undefined): void {
    if (endpoint === undefined) this.#seats.delete(keyOf(account));
    else this.#seats.set(keyOf(account), endpoint);
  }

  tell(from: AccountId, to: AccountId, frame: { readonly protocol: string; readonly bytes: Bytes }): void {
    setImmediate(() => this.#seats.get(keyOf(to))?.message(frame.protocol, frame.bytes, from));
  }

  async ask(
    from: AccountId,
    to: AccountId,
    frame: { readonly protocol: string; readonly bytes: Bytes },
  ): Promise<readonly Bytes[]> {
    const seat = this.#seats.get(keyOf(to));
    if (seat === undefined) throw new FairmeshError("PEER_UNREACHABLE", "the seat is down");
    return seat.request(frame.protocol, frame.bytes, from);
  }
}

/** What goes over a child's IPC channel, both ways. */
export type Wire =
  | { readonly kind: "tell"; readonly peer: AccountId; readonly protocol: string; readonly bytes: Bytes }
  | {
      readonly kind: "ask";
      readonly id: number;
      readonly peer: AccountId;
      readonly protocol: string;
      readonly bytes: Bytes;
    }
  | { readonly kind: "answer"; readonly id: number; readonly chunks: readonly Bytes[] | undefined }
  | { readonly kind: "height"; readonly height: number; readonly observing: string | undefined };

/** Questions that wait for an answer over a channel. */
export class Questions {
  readonly #waiting = new Map<number, (chunks: readonly Bytes[] | undefined) => void>();
  #next = 1;

  put(send: (id: number) => void): Promise<readonly Bytes[]> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (chunks) => {
        if (chunks === undefined) reject(new FairmeshError("PEER_FAILED", "no answer"));
        else resolve(chunks);
      });
      send(id);
    });
  }

  settle(id: number, chunks: readonly Bytes[] | undefined): void {
    this.#waiting.get(id)?.(chunks);
    this.#waiting.delete(id);
  }

  dropAll(): void {
    for (const id of [...this.#waiting.keys()]) this.settle(id, undefined);
  }
}
