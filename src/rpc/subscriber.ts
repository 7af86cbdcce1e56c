// The subscriptions of one WebSocket connection. Numbered scenario: (1) `subscribe` listens at once, so that nothing is
// missed, and holds what comes; (2) once the caller has its answer, `begin` sends the past, waiting for the socket; (3) then
// what was held and is newer; (4) then each event as it comes. A subscriber that cannot keep up is closed with a reason,
// never silently skipped.
import { FairmeshError, formatAddress } from "../primitives/index.ts";
import type { Connection } from "./method.ts";
import type { NodeEvent, NodeView } from "./node-view.ts";
import { RpcError } from "./rpc-error.ts";
import type { SubscriptionTopic } from "./shapes.ts";
import { toWire } from "./wire.ts";

export interface Sink {
  /** Settles when the text left this process. */
  send(text: string): Promise<void>;
  readonly bufferedBytes: number;
  close(reason: string): void;
}

/** Bytes that wait for a socket, and events that wait for the past to be sent. */
const bufferedBytesMax = 1 << 20;
const heldMax = 1_000;

interface Subscription {
  readonly id: string;
  readonly topic: SubscriptionTopic;
  readonly owner: string | undefined;
  readonly past: AsyncIterable<NodeEvent> | undefined;
  readonly stop: () => void;
  /** Events that wait; undefined once events are sent as they come. */
  held: NodeEvent[] | undefined;
}

export class Subscriber implements Connection {
  readonly #node: NodeView;
  readonly #sink: Sink;
  readonly #max: number;
  readonly #open = new Map<string, Subscription>();
  #fresh: Subscription[] = [];
  #last = 0;
  #closed = false;

  constructor(node: NodeView, sink: Sink, max: number) {
    this.#node = node;
    this.#sink = sink;
    this.#max = max;
  }

  subscribe({ topic, fromHeight, owner }: Parameters<Connection["subscribe"]>[0]): string {
    // What a connection asked for before it ended: it would be listened to for ever.
    if (this.#closed) throw new RpcError("limit", "the connection has ended", { reason: "subscriptions" });
    if (this.#open.size >= this.#max) {
      throw new RpcError("limit", `a connection has at most ${this.#max} subscriptions`, { reason: "subscriptions" });
    }
    const id = String(++this.#last);
    const subscription: Subscription = {
      id,
      topic,
      owner,
      past: fromHeight === undefined ? undefined : this.#past(topic, fromHeight),
      stop: this.#node.onEvent((event) => this.#offer(subscription, event)),
      held: [],
    };
    this.#open.set(id, subscription);
    this.#fresh.push(subscription);
    return id;
  }

  unsubscribe(id: string): boolean {
    this.#open.get(id)?.stop();
    return this.#open.delete(id);
  }

  /** Called after the answer to `subscribe` is on its way. */
  begin(): void {
    const fresh = this.#fresh;
    this.#fresh = [];
    for (const subscription of fresh) void this.#run(subscription);
  }

  close(): void {
    this.#closed = true;
    for (const { stop } of this.#open.values()) stop();
    this.#open.clear();
  }

  #past(topic: SubscriptionTopic, fromHeight: number): AsyncIterable<NodeEvent> {
    try {
      return this.#node.pastEvents(topic, fromHeight);
    } catch (error) {
      if (!(error instanceof FairmeshError)) throw error;
      throw new RpcError("limit", error.message, { reason: "too-far-behind" });
    }
  }

  async #run(subscription: Subscription): Promise<void> {
    let sentHeight = -1;
    try {
      for await (const event of subscription.past ?? []) {
        if (!this.#open.has(subscription.id)) return;
        sentHeight = event.height;
        if (isFor(subscription, event)) await this.#sink.send(textOf(subscription, event));
      }
    } catch {
      this.#sink.close("the past could not be read");
      return;
    }
    const held = subscription.held ?? [];
    subscription.held = undefined;
    for (const event of held) if (event.height > sentHeight) this.#offer(subscription, event);
  }

  #offer(subscription: Subscription, event: NodeEvent): void {
    if (!isFor(subscription, event)) return;
    if (subscription.held !== undefined) {
      if (subscription.held.length < heldMax) subscription.held.push(event);
      else this.#sink.close("too slow: events are waiting");
      return;
    }
    if (this.#sink.bufferedBytes > bufferedBytesMax) this.#sink.close("too slow: bytes are waiting");
    else this.#sink.send(textOf(subscription, event)).catch(() => this.close());
  }
}

const isFor = ({ topic, owner }: Subscription, event: NodeEvent): boolean =>
  event.topic === topic && (owner === undefined || (event.owner !== undefined && formatAddress(event.owner) === owner));

const textOf = ({ id, topic }: Subscription, { height, item }: NodeEvent): string =>
  JSON.stringify({
    jsonrpc: "2.0",
    method: "subscription_event",
    params: { subscription: id, topic, height, item: toWire(item) },
  });
