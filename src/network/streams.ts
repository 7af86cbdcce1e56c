// Direct messages and requests between bound accounts, over libp2p streams with length-prefixed frames.
// A message goes over one long-lived stream a peer and protocol; a request has a stream of its own, and its answer comes in
// frames marked `more`, `end` or `failed`, each read before the next is sent, so a slow reader holds nobody's memory.
import type { Connection, PeerId, Stream } from "@libp2p/interface";
import { type LengthPrefixedStream, lpStream } from "@libp2p/utils";
import type { Log, Transport } from "../ports/index.ts";
import {
  type AccountId,
  type Bytes,
  concatBytes,
  FairmeshError,
  type NetworkId,
  utf8ToBytes,
} from "../primitives/index.ts";
import type { Bindings } from "./bindings.ts";
import type { Host } from "./host.ts";
import { protocolName } from "./topics.ts";

export const frameBytesMax = 2 << 20;
const queuedPerPeerMax = 256;
const requestsPerPeerMax = 16;
const answerMs = 30_000;
const frame = { more: 0, end: 1, failed: 2 } as const;

type MessageHandler = Parameters<Transport["onMessage"]>[1];
type RequestHandler = Parameters<Transport["onRequest"]>[1];

export interface StreamParts {
  readonly host: Host;
  readonly networkId: NetworkId;
  readonly bindings: Bindings;
  readonly log: Log;
}

interface Outbound {
  readonly frames: LengthPrefixedStream<Stream>;
  readonly stream: Stream;
  queued: number;
  tail: Promise<void>;
}

const unreachable = (cause: unknown): FairmeshError =>
  new FairmeshError("PEER_UNREACHABLE", "the account cannot be reached now", { cause });

/** A rejection of the signal's own is passed on as it is; anything else gets our code. */
const failureOf = (cause: unknown, signal: AbortSignal, code: "PEER_UNREACHABLE" | "PEER_FAILED"): unknown =>
  signal.aborted
    ? signal.reason
    : cause instanceof FairmeshError
      ? cause
      : new FairmeshError(code, String(cause), { cause });

export class Streams {
  readonly #parts: StreamParts;
  readonly #outbound = new Map<string, Promise<Outbound>>();
  readonly #serving = new Map<string, number>();
  /** Handlers are given before the host starts: registering them is awaited by `start`. */
  readonly #registering: Promise<void>[] = [];

  constructor(parts: StreamParts) {
    this.#parts = parts;
    parts.host.addEventListener("peer:disconnect", ({ detail }) => {
      const prefix = `${detail.toString()} `;
      for (const key of this.#outbound.keys()) if (key.startsWith(prefix)) this.#outbound.delete(key);
    });
  }

  async start(): Promise<void> {
    await Promise.all(this.#registering);
  }

  onMessage(protocol: string, handle: MessageHandler): void {
    this.#register(`message/${protocol}`, (stream, connection) => this.#receive(stream, connection, handle));
  }

  onRequest(protocol: string, handle: RequestHandler): void {
    this.#register(`request/${protocol}`, (stream, connection) => this.#answer(stream, connection, handle));
  }

  async send(to: AccountId, protocol: string, bytes: Bytes, signal: AbortSignal): Promise<void> {
    const peer = this.#parts.bindings.peerOf(to);
    if (peer === undefined) throw unreachable("no bound connection");
    const key = `${peer} ${protocol}`;
    try {
      let opening = this.#outbound.get(key);
      if (opening === undefined) {
        opening = this.#openMessages(peer, protocol);
        this.#outbound.set(key, opening);
      }
      const outbound = await opening;
      if (outbound.queued >= queuedPerPeerMax) throw unreachable("too many messages wait for this peer");
      outbound.queued++;
      const sent = outbound.tail.then(() => outbound.frames.write(bytes, { signal }));
      outbound.tail = sent.catch(() => {}).finally(() => void outbound.queued--);
      await sent;
    } catch (cause) {
      this.#outbound.delete(key);
      throw failureOf(cause, signal, "PEER_UNREACHABLE");
    }
  }

  async *request(to: AccountId, protocol: string, bytes: Bytes, signal: AbortSignal): AsyncIterable<Bytes> {
    const peer = this.#parts.bindings.peerOf(to);
    if (peer === undefined) throw unreachable("no bound connection");
    const name = protocolName(this.#parts.networkId, `request/${protocol}`);
    let stream: Stream | undefined;
    try {
      stream = await this.#parts.host.dialProtocol(peer, name, { signal });
      const frames = lpStream(stream, { maxDataLength: frameBytesMax + 1, maxBufferSize: 2 * frameBytesMax });
      await frames.write(bytes, { signal });
      for (;;) {
        const answer = (await frames.read({ signal })).subarray();
        if (answer[0] === frame.end) break;
        if (answer[0] === frame.failed) {
          throw new FairmeshError("PEER_FAILED", new TextDecoder().decode(answer.subarray(1, 200)));
        }
        yield answer.subarray(1);
        await frames.write(new Uint8Array([frame.more]), { signal });
      }
      await stream.close({ signal });
    } catch (cause) {
      const failure = failureOf(cause, signal, stream === undefined ? "PEER_UNREACHABLE" : "PEER_FAILED");
      stream?.abort(failure instanceof Error ? failure : new Error("ended"));
      throw failure;
    } finally {
      // The caller stopped early: the other side must not go on.
      if (stream?.status === "open") stream.abort(new Error("ended"));
    }
  }

  #register(name: string, handle: (stream: Stream, connection: Connection) => Promise<void>): void {
    const { host, networkId, log } = this.#parts;
    const guarded = async (stream: Stream, connection: Connection): Promise<void> => {
      try {
        await handle(stream, connection);
      } catch (cause) {
        log.debug("a stream ended", { protocol: name, peer: connection.remotePeer.toString(), cause: String(cause) });
        stream.abort(cause instanceof Error ? cause : new Error(String(cause)));
      }
    };
    const options = { maxInboundStreams: 64, maxOutboundStreams: 64 };
    this.#registering.push(host.handle(protocolName(networkId, name), guarded, options));
  }

  async #openMessages(peer: PeerId, protocol: string): Promise<Outbound> {
    const name = protocolName(this.#parts.networkId, `message/${protocol}`);
    const stream = await this.#parts.host.dialProtocol(peer, name, { signal: AbortSignal.timeout(answerMs) });
    return { frames: lpStream(stream, { maxDataLength: frameBytesMax }), stream, queued: 0, tail: Promise.resolve() };
  }

  async #receive(stream: Stream, connection: Connection, handle: MessageHandler): Promise<void> {
    const from = await this.#parts.bindings.accountOf(connection.remotePeer);
    if (from === undefined) throw unreachable("no binding");
    const frames = lpStream(stream, { maxDataLength: frameBytesMax, maxBufferSize: 2 * frameBytesMax });
    // One at a time: the stream's own flow control holds a sender that is faster than we are.
    for (;;) await handle((await frames.read()).subarray(), from);
  }

  async #answer(stream: Stream, connection: Connection, handle: RequestHandler): Promise<void> {
    const peer = connection.remotePeer.toString();
    const from = await this.#parts.bindings.accountOf(connection.remotePeer);
    if (from === undefined) throw unreachable("no binding");
    const serving = this.#serving.get(peer) ?? 0;
    if (serving >= requestsPerPeerMax) throw new FairmeshError("PEER_FAILED", "too many requests at once");
    this.#serving.set(peer, serving + 1);
    const gone = new AbortController();
    stream.addEventListener("close", () => gone.abort(new Error("the peer went away")));
    try {
      const frames = lpStream(stream, { maxDataLength: frameBytesMax, maxBufferSize: 2 * frameBytesMax });
      const bytes = (await frames.read({ signal: AbortSignal.timeout(answerMs) })).subarray();
      await this.#stream(frames, handle(bytes, from, gone.signal));
      await stream.close({ signal: AbortSignal.timeout(answerMs) });
    } finally {
      const left = (this.#serving.get(peer) ?? 1) - 1;
      if (left === 0) this.#serving.delete(peer);
      else this.#serving.set(peer, left);
    }
  }

  async #stream(frames: LengthPrefixedStream<Stream>, answer: AsyncIterable<Bytes>): Promise<void> {
    try {
      for await (const chunk of answer) {
        const signal = AbortSignal.timeout(answerMs);
        await frames.write(concatBytes(new Uint8Array([frame.more]), chunk), { signal });
        await frames.read({ signal });
      }
    } catch (cause) {
      const reason = cause instanceof FairmeshError ? `${cause.code}: ${cause.message}` : "the request failed";
      await frames.write(concatBytes(new Uint8Array([frame.failed]), utf8ToBytes(reason)), {
        signal: AbortSignal.timeout(answerMs),
      });
      return;
    }
    await frames.write(new Uint8Array([frame.end]), { signal: AbortSignal.timeout(answerMs) });
  }
}
