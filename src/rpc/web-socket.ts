// JSON-RPC over WebSocket at GET /ws, with subscriptions. The same checks, scopes and limits as over HTTP.
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { type AccessOptions, type Caller, callerOf, refusalOf } from "./access.ts";
import type { Dispatch } from "./dispatch.ts";
import type { NodeView } from "./node-view.ts";
import type { RateLimit } from "./rate-limit.ts";
import { rpcCodes } from "./rpc-error.ts";
import { Subscriber } from "./subscriber.ts";

export interface WebSocketOptions extends AccessOptions {
  readonly bodyBytesMax: number;
  readonly connectionsMax: number;
  readonly subscriptionsMax: number;
}

export interface WebSocketParts {
  readonly server: Server;
  readonly node: NodeView;
  readonly dispatch: Dispatch;
  readonly limit: RateLimit;
  readonly options: WebSocketOptions;
}

/** A connection that did not answer a ping for so long is ended. */
const pingMs = 30_000;
/** Requests of one connection whose answers are made or not yet taken at a time; further ones wait in the socket. */
const openRequestsMax = 32;
/** Close codes: RFC 6455's policy violation, and "try again later". */
const policyViolation = 1008;
const goingAway = 1001;

const failure = (code: number, message: string, reason: string): string =>
  JSON.stringify({ jsonrpc: "2.0", error: { code, message, data: { reason } }, id: null });

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

export class WebSockets {
  readonly #parts: WebSocketParts;
  readonly #server: WebSocketServer;
  readonly #alive = new WeakSet<WebSocket>();
  readonly #pings: NodeJS.Timeout;

  constructor(parts: WebSocketParts) {
    this.#parts = parts;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: parts.options.bodyBytesMax,
      // A token is offered as a subprotocol and never sent back; a client may ask for ours beside it.
      handleProtocols: (offered) => (offered.has("fairmesh") ? "fairmesh" : false),
    });
    parts.server.on("upgrade", (request, socket, head) => void this.#upgrade(request, socket, head));
    this.#pings = setInterval(() => this.#ping(), pingMs).unref();
  }

  /** Ends every connection. */
  stop(): void {
    clearInterval(this.#pings);
    for (const socket of this.#server.clients) socket.close(goingAway, "the node is stopping");
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { options } = this.#parts;
    socket.on("error", () => socket.destroy());
    if ((request.url ?? "").split("?")[0] !== "/ws") return refuse(socket, "404 Not Found");
    if (refusalOf(request.headers, options) !== undefined) return refuse(socket, "403 Forbidden");
    const caller = await callerOf(request.headers, request.socket.remoteAddress ?? "", options);
    if (caller === undefined) return refuse(socket, "401 Unauthorized");
    if (this.#server.clients.size >= options.connectionsMax) return refuse(socket, "503 Service Unavailable");
    this.#server.handleUpgrade(request, socket, head, (open) => this.#serve(open, caller));
  }

  #serve(socket: WebSocket, caller: Caller): void {
    const { node, options } = this.#parts;
    const subscriber = new Subscriber(
      node,
      {
        send: (text) =>
          new Promise((settle, fail) => socket.send(text, (error) => (error == null ? settle() : fail(error)))),
        get bufferedBytes() {
          return socket.bufferedAmount;
        },
        close: (reason) => {
          subscriber.close();
          socket.close(policyViolation, reason);
        },
      },
      options.subscriptionsMax,
    );
    // What one read of the socket brought waits here: pausing it does not take that back.
    const waiting: string[] = [];
    let open = 0;
    const next = (): void => {
      while (open < openRequestsMax && waiting.length > 0) {
        open++;
        void this.#answer(waiting.shift() as string, caller, subscriber).then((text) => {
          // An answer counts until the socket took it: whoever does not read is not read from either.
          if (text === undefined) done();
          else socket.send(text, done);
          subscriber.begin();
        });
      }
      if (waiting.length > 0) socket.pause();
      else socket.resume();
    };
    const done = (): void => {
      open--;
      next();
    };
    this.#alive.add(socket);
    socket.on("pong", () => this.#alive.add(socket));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      waiting.length = 0;
      subscriber.close();
    });
    socket.on("message", (data, isBinary) => {
      if (isBinary) return socket.close(1003, "text only");
      waiting.push(String(data));
      next();
      return undefined;
    });
  }

  async #answer(text: string, caller: Caller, subscriber: Subscriber): Promise<string | undefined> {
    const { dispatch, limit } = this.#parts;
    let request: unknown;
    try {
      request = JSON.parse(text);
    } catch {
      return failure(rpcCodes.parse, "not JSON", "parse");
    }
    if (!limit.take(caller.key, Array.isArray(request) ? request.length : 1)) {
      return failure(rpcCodes.limit, "too many requests", "rate");
    }
    const answer = await dispatch(request, caller.scopes, { connection: subscriber });
    return answer === undefined ? undefined : JSON.stringify(answer);
  }

  #ping(): void {
    for (const socket of this.#server.clients) {
      if (!this.#alive.delete(socket)) socket.terminate();
      else socket.ping();
    }
  }
}
