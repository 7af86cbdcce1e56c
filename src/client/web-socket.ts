// JSON-RPC over WebSocket, with subscriptions. Connects when first used; when the connection is lost, connects again with
// growing pauses and resumes each subscription where it was. Requests under way are then given up: the client asks again.
import { type Answer, resultOf } from "./answer.ts";
import { ClientError } from "./client-error.ts";
import {
  defaultTimeoutMs,
  limited,
  type SubscribeRequest,
  type SubscriptionEvent,
  type Transport,
  type TransportOptions,
} from "./transport.ts";

const pauseFirstMs = 250;
const pauseMaxMs = 15_000;
/** Topics whose events come back in the same order when asked from a height on. */
const replayed: ReadonlySet<string> = new Set(["heads", "epochs", "rewards"]);

interface Followed {
  readonly request: SubscribeRequest;
  readonly onEvent: (event: SubscriptionEvent) => void;
  readonly onError: (error: Error) => void;
  id: string | undefined;
  /** The connection on which it was asked for: on each once. */
  askedOn: WebSocket | undefined;
  /** The height of the last event, and how many of that height came: those are skipped when it is sent again. */
  height: number | undefined;
  seen: number;
  skip: number;
}

interface Line extends Answer {
  readonly method?: string;
  readonly params?: SubscriptionEvent & { readonly subscription: string };
}

class WebSocketTransport implements Transport {
  readonly #url: string;
  readonly #protocols: readonly string[];
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, (answer: Answer | undefined) => void>();
  readonly #followed = new Set<Followed>();
  #socket: Promise<WebSocket> | undefined;
  #lastId = 0;
  #pauseMs = pauseFirstMs;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, { token, timeoutMs = defaultTimeoutMs }: TransportOptions) {
    const socketUrl = url.replace(/^http/, "ws").replace(/\/$/, "");
    this.#url = socketUrl.endsWith("/ws") ? socketUrl : `${socketUrl}/ws`;
    this.#protocols = token === undefined ? ["fairmesh"] : ["fairmesh", `bearer.${token}`];
    this.#timeoutMs = timeoutMs;
  }

  async request(
    method: string,
    params: object,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<unknown> {
    const bound = limited(this.#timeoutMs, signal);
    const aborted = new Promise<never>((_, reject) => {
      const stop = (): void => {
        if (signal?.aborted) reject(signal.reason);
        else reject(new ClientError("TIMED_OUT", "the node did not answer in time", { method, url: this.#url }));
      };
      if (bound.aborted) stop();
      else bound.addEventListener("abort", stop, { once: true });
    });
    const socket = await Promise.race([this.#connected(), aborted]);
    return Promise.race([this.#ask(socket, [method, params]), aborted]);
  }

  subscribe(
    request: SubscribeRequest,
    onEvent: (event: SubscriptionEvent) => void,
    onError: (error: Error) => void,
  ): () => void {
    const nothingYet = { id: undefined, askedOn: undefined, height: undefined, seen: 0, skip: 0 };
    const followed: Followed = { request, onEvent, onError, ...nothingYet };
    this.#followed.add(followed);
    this.#connected().then(
      (socket) => this.#follow(socket, followed),
      () => this.#reconnect(),
    );
    return () => {
      this.#followed.delete(followed);
      this.#unfollow(followed);
    };
  }

  #unfollow({ id }: Followed): void {
    if (id === undefined || this.#socket === undefined) return;
    this.request("subscription_close", { subscription: id }).catch(() => {});
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.then(
      (socket) => socket.close(),
      () => {},
    );
    this.#drop();
  }

  #connected(): Promise<WebSocket> {
    if (this.#closed) return Promise.reject(new ClientError("CLOSED", "the client was closed"));
    this.#socket ??= this.#connect();
    return this.#socket;
  }

  #connect(): Promise<WebSocket> {
    return new Promise((settle, fail) => {
      const socket = new WebSocket(this.#url, [...this.#protocols]);
      let opened = false;
      socket.addEventListener("open", () => {
        opened = true;
        this.#pauseMs = pauseFirstMs;
        settle(socket);
        for (const followed of this.#followed) void this.#follow(socket, followed);
      });
      socket.addEventListener("message", ({ data }) => this.#read(String(data)));
      socket.addEventListener("close", ({ reason }) => {
        this.#socket = undefined;
        this.#drop();
        if (opened) this.#reconnect();
        else fail(new ClientError("TRANSPORT_FAILED", reason || "the node could not be reached", { url: this.#url }));
      });
      // Only for the event: the reason comes with "close".
      socket.addEventListener("error", () => {});
    });
  }

  /** Everything that waits on the connection is told that it is gone. */
  #drop(): void {
    for (const settle of this.#pending.values()) settle(undefined);
    this.#pending.clear();
    for (const followed of this.#followed) followed.id = undefined;
  }

  #reconnect(): void {
    if (this.#closed || this.#followed.size === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#pauseMs = Math.min(this.#pauseMs * 2, pauseMaxMs);
      this.#connected().catch(() => this.#reconnect());
    }, this.#pauseMs);
  }

  /** `onAnswer` hears of the answer in the turn in which it is read, before anything that came after it. */
  async #ask(
    socket: WebSocket,
    call: readonly [method: string, params: object],
    onAnswer: (answer: Answer) => void = () => {},
  ): Promise<unknown> {
    const [method, params] = call;
    const id = ++this.#lastId;
    const answer = await new Promise<Answer | undefined>((settle) => {
      this.#pending.set(id, (given) => {
        this.#pending.delete(id);
        if (given !== undefined) onAnswer(given);
        settle(given);
      });
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
    if (answer !== undefined) return resultOf(answer, method);
    throw new ClientError("TRANSPORT_FAILED", "the connection was lost", { method, url: this.#url });
  }

  async #follow(socket: WebSocket, followed: Followed): Promise<void> {
    if (followed.askedOn === socket || !this.#followed.has(followed)) return;
    followed.askedOn = socket;
    const { topic, owner } = followed.request;
    const resumed = replayed.has(topic) ? followed.height : undefined;
    const fromHeight = resumed ?? followed.request.fromHeight;
    followed.skip = resumed === undefined ? 0 : followed.seen;
    try {
      const params = { topic, ...(fromHeight === undefined ? {} : { fromHeight }), ...(owner ? { owner } : {}) };
      await this.#ask(socket, ["subscription_open", params], ({ result }) => {
        followed.id = (result as { readonly subscription: string } | undefined)?.subscription;
      });
      if (!this.#followed.has(followed)) this.#unfollow(followed);
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== "RPC_FAILED") return; // It is tried again when connected.
      this.#followed.delete(followed);
      followed.onError(error);
    }
  }

  #read(text: string): void {
    let line: Line;
    try {
      line = JSON.parse(text) as Line;
    } catch {
      return;
    }
    if (line.method === "subscription_event" && line.params !== undefined) this.#event(line.params);
    else if (typeof line.id === "number") this.#pending.get(line.id)?.(line);
  }

  #event({ subscription, height, item }: SubscriptionEvent & { readonly subscription: string }): void {
    for (const followed of this.#followed) {
      if (followed.id !== subscription) continue;
      if (height === followed.height && followed.skip > 0) {
        followed.skip--;
        continue;
      }
      followed.seen = height === followed.height ? followed.seen + 1 : 1;
      followed.height = height;
      followed.onEvent({ height, item });
    }
  }
}

/** A node's RPC address, such as ws://127.0.0.1:4710/ws or http://127.0.0.1:4710. */
export const webSocket = (url: string, options: TransportOptions = {}): Transport =>
  new WebSocketTransport(url, options);
