// The in-memory twin of Transport: nothing is lost, everything arrives at once, answers are read as they are made.
import { type Topic, type Transport, topicBytesMax } from "../../src/ports/index.ts";
import { type AccountId, type Bytes, FairmeshError, keyOf } from "../../src/primitives/index.ts";

interface Endpoint {
  readonly account: AccountId;
  readonly messages: Map<string, Parameters<Transport["onMessage"]>[1]>;
  readonly requests: Map<string, Parameters<Transport["onRequest"]>[1]>;
  readonly gossip: Map<Topic, Parameters<Transport["onGossip"]>[1]>;
}

export class MemoryNetwork {
  readonly #endpoints = new Map<string, Endpoint>();

  join(account: AccountId): Transport {
    const own: Endpoint = { account, messages: new Map(), requests: new Map(), gossip: new Map() };
    this.#endpoints.set(keyOf(account), own);
    return {
      publish: async (topic, bytes) => {
        if (bytes.length > topicBytesMax[topic]) throw new FairmeshError("MESSAGE_TOO_LONG", `too long for ${topic}`);
        for (const to of this.#endpoints.values()) {
          if (to !== own)
            to.gossip
              .get(topic)?.(bytes.slice(), account)
              .catch(() => "ignore");
        }
      },
      send: async (to, protocol, bytes, signal) => {
        signal.throwIfAborted();
        this.#at(to)
          .messages.get(protocol)?.(bytes.slice(), account)
          .catch(() => {});
      },
      request: (to, protocol, bytes, signal) => this.#ask(own, { to, protocol, bytes, signal }),
      onGossip: (topic, handle) => void own.gossip.set(topic, handle),
      onMessage: (protocol, handle) => void own.messages.set(protocol, handle),
      onRequest: (protocol, handle) => void own.requests.set(protocol, handle),
      peers: () => [...this.#endpoints.values()].filter((each) => each !== own).map((each) => each.account),
    };
  }

  #at(account: AccountId): Endpoint {
    const endpoint = this.#endpoints.get(keyOf(account));
    if (endpoint === undefined) throw new FairmeshError("PEER_UNREACHABLE", "nobody has that account");
    return endpoint;
  }

  async *#ask(
    from: Endpoint,
    question: {
      readonly to: AccountId;
      readonly protocol: string;
      readonly bytes: Bytes;
      readonly signal: AbortSignal;
    },
  ): AsyncIterable<Bytes> {
    const { to, protocol, bytes, signal } = question;
    signal.throwIfAborted();
    const handle = this.#at(to).requests.get(protocol);
    if (handle === undefined) throw new FairmeshError("PEER_FAILED", "nobody answers this");
    const gone = new AbortController();
    const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    aborted.catch(() => {});
    const chunks = handle(bytes.slice(), from.account, gone.signal)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await Promise.race([aborted, chunks.next()]);
        if (next.done === true) return;
        yield next.value.slice();
      }
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw new FairmeshError("PEER_FAILED", "the request failed", { cause });
    } finally {
      gone.abort(new Error("the peer went away"));
      void chunks.return?.();
    }
  }
}
