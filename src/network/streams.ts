// Direct messages and requests between bound accounts, over libp2p streams with length-prefixed frames (protocols.ts lists
// them and their limits). A message goes over one long-lived stream a peer and protocol; a request has a stream of its own.
// Whoever asks too much is refused, and reported as an offender. Made by network.ts.
import type { Connection, PeerId, Stream } from "@libp2p/interface";
import { type LengthPrefixedStream, lpStream } from "@libp2p/utils";
import { pipe } from "it-pipe";
import type { Log, Transport } from "../ports/index.ts";
import { type AccountId, type Bytes, FairmeshError, type NetworkId } from "../primitives/index.ts";
import { answererFrames, ask, askerFrames, readAnswer, refuse, stallMs, writeAnswer } from "./answer-stream.ts";
import type { Bindings } from "./bindings.ts";
import { FrameTooLongError } from "./frames.ts";
import type { Host } from "./host.ts";
import { readMessages } from "./message-reader.ts";
import { frameBytesMax, messageLimits, protocolName, requestLimitsOf } from "./protocols.ts";
import { Quotas } from "./quotas.ts";
import type { Offence } from "./standing.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { Traffic } from "./traffic.ts";

/** A question is small, and comes at once. */
const questionMs = 5_000;

/** Peers and protocols whose rate of messages is remembered. */
const ratesMax = 8_192;

type MessageHandler = Parameters<Transport["onMessage"]>[1];
type RequestHandler = Parameters<Transport["onRequest"]>[1];

export interface StreamParts {
  readonly host: Host;
  readonly networkId: NetworkId;
  readonly bindings: Bindings;
  readonly log: Log;
  readonly nowMs: () => number;
  readonly onOffence: (peer: string, offence: Offence) => void;
  readonly traffic: Pick<Traffic, "pace">;
}

interface Outbound {
  readonly frames: LengthPrefixedStream<Stream>;
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

/** What our reader or libp2p's says of a frame, or of the length of its length, or of bytes that nobody waits for. */
const tooLong = ["InvalidDataLengthError", "InvalidDataLengthLengthError", "StreamBufferError"];
const isTooLong = (cause: unknown): boolean =>
  cause instanceof FrameTooLongError || tooLong.includes((cause as { name?: string }).name ?? "");

export class Streams {
  readonly #parts: StreamParts;
  readonly #outbound = new Map<string, Promise<Outbound>>();
  readonly #quotas: Quotas;
  /** Rates of messages by peer and protocol; the one longest unused goes first. */
  readonly #rates = new Map<string, TokenBucket>();
  /** Handlers are given before the host starts: registering them is awaited by `start`. */
  readonly #registering: Promise<void>[] = [];

  constructor(parts: StreamParts) {
    this.#parts = parts;
    this.#quotas = new Quotas(parts.nowMs);
    parts.host.addEventListener("peer:disconnect", ({ detail }) => {
      const prefix = `${detail.toString()} `;
      for (const key of this.#outbound.keys()) if (key.startsWith(prefix)) this.#outbound.delete(key);
    });
  }

  async start(): Promise<void> {
    await Promise.all(this.#registering);
  }

  onMessage(protocol: string, handle: MessageHandler): void {
    this.#register(`message/${protocol}`, 2, (stream, connection) =>
      this.#receive(stream, connection, { protocol, handle }),
    );
  }

  onRequest(protocol: string, handle: RequestHandler): void {
    // One stream more than are answered, so that who asks one too many is told so.
    this.#register(`request/${protocol}`, requestLimitsOf(protocol).perPeerMax + 1, (stream, connection) =>
      this.#answer(stream, connection, { protocol, handle }),
    );
  }

  async send(to: AccountId, protocol: string, bytes: Bytes, signal: AbortSignal): Promise<void> {
    const peer = this.#parts.bindings.peerOf(to);
    if (peer === undefined) throw unreachable("no bound connection");
    const key = `${peer} ${protocol}`;
    try {
      let opening = this.#outbound.get(key);
      if (opening === undefined) {
        opening = this.#openMessages(peer, protocol, key);
        this.#outbound.set(key, opening);
      }
      const outbound = await opening;
      if (outbound.queued >= messageLimits.queuedPerPeerMax) throw unreachable("too many messages wait for this peer");
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
    let whole = false;
    try {
      stream = await this.#parts.host.dialProtocol(peer, name, { signal });
      const frames = askerFrames(stream, requestLimitsOf(protocol).chunksLent);
      await ask(frames, bytes, signal);
      yield* readAnswer(frames, signal);
      whole = true;
      await stream.close({ signal });
    } catch (cause) {
      if (isTooLong(cause)) this.#parts.onOffence(peer.toString(), "oversized-frame");
      const failure = failureOf(cause, signal, stream === undefined ? "PEER_UNREACHABLE" : "PEER_FAILED");
      stream?.abort(failure instanceof Error ? failure : new Error("ended"));
      throw failure;
    } finally {
      // The caller stopped early: the other side must not go on, and a stream that both sides leave half open would count
      // against the peer's next requests for ever.
      if (!whole) stream?.abort(new Error("ended"));
    }
  }

  #register(name: string, streamsMax: number, handle: (stream: Stream, connection: Connection) => Promise<void>): void {
    const { host, networkId, log, onOffence } = this.#parts;
    const guarded = async (stream: Stream, connection: Connection): Promise<void> => {
      try {
        await handle(stream, connection);
      } catch (cause) {
        const peer = connection.remotePeer.toString();
        log.debug("a stream ended", { protocol: name, peer, cause: String(cause) });
        if (isTooLong(cause)) onOffence(peer, "oversized-frame");
        stream.abort(cause instanceof Error ? cause : new Error(String(cause)));
      }
    };
    const options = { maxInboundStreams: streamsMax, maxOutboundStreams: 64 };
    this.#registering.push(host.handle(protocolName(networkId, name), guarded, options));
  }

  async #openMessages(peer: PeerId, protocol: string, key: string): Promise<Outbound> {
    const name = protocolName(this.#parts.networkId, `message/${protocol}`);
    const stream = await this.#parts.host.dialProtocol(peer, name, { signal: AbortSignal.timeout(stallMs) });
    stream.addEventListener("close", () => this.#outbound.delete(key));
    return { frames: lpStream(stream, { maxDataLength: frameBytesMax }), queued: 0, tail: Promise.resolve() };
  }

  async #receive(
    stream: Stream,
    connection: Connection,
    { protocol, handle }: { readonly protocol: string; readonly handle: MessageHandler },
  ): Promise<void> {
    const { bindings, log } = this.#parts;
    const from = await bindings.accountOf(connection.remotePeer);
    if (from === undefined) throw unreachable("no binding");
    const rate = this.#rateOf(`${connection.remotePeer} ${protocol}`);
    // One at a time: while we work or wait, the stream holds a sender that is faster than we are.
    for await (const frame of readMessages(stream)) {
      const waitMs = rate.owe(1);
      if (waitMs > 0) await new Promise((wake) => setTimeout(wake, waitMs).unref());
      await handle(frame, from).catch((cause: unknown) =>
        log.error("a message handler failed", { cause: String(cause) }),
      );
    }
  }

  /** Kept beyond the stream: who opens another one has saved up nothing anew. */
  #rateOf(key: string): TokenBucket {
    const rate = this.#rates.get(key) ?? new TokenBucket({ ...messageLimits, nowMs: this.#parts.nowMs });
    this.#rates.delete(key);
    this.#rates.set(key, rate);
    if (this.#rates.size > ratesMax) this.#rates.delete(this.#rates.keys().next().value as string);
    return rate;
  }

  async #answer(
    stream: Stream,
    connection: Connection,
    { protocol, handle }: { readonly protocol: string; readonly handle: RequestHandler },
  ): Promise<void> {
    const { bindings, onOffence, log, traffic } = this.#parts;
    const peer = connection.remotePeer.toString();
    const gone = new AbortController();
    stream.addEventListener("close", () => gone.abort(new Error("the peer went away")));
    const frames = answererFrames(stream, requestLimitsOf(protocol).questionBytesMax);
    const from = await bindings.accountOf(connection.remotePeer);
    if (from === undefined) throw unreachable("no binding");
    const place = this.#quotas.enter(peer, protocol);
    if (place === undefined) {
      onOffence(peer, "too-many-requests");
      await refuse(frames, "too many requests");
      return stream.close({ signal: AbortSignal.timeout(stallMs) });
    }
    const { pace } = traffic;
    const wait = pace === undefined ? undefined : (bytes: number) => pace({ peer, protocol, bytes }, gone.signal);
    try {
      const question = await frames.read(AbortSignal.timeout(questionMs));
      // Only now: who opens streams and asks nothing takes no place from others.
      if (!place.begin()) throw new FairmeshError("PEER_BUSY", "so many are answered now; ask again later");
      await pipe(handle(question, from, gone.signal), (answer) => writeAnswer(frames, answer, wait));
    } catch (cause) {
      const stalled = (cause as { name?: string }).name === "TimeoutError";
      if (stalled) onOffence(peer, "stalled");
      if (gone.signal.aborted || isTooLong(cause) || stalled) throw cause;
      const known = cause instanceof FairmeshError;
      if (!known) log.debug("a request failed", { protocol, peer, cause: String(cause) });
      await refuse(frames, known ? `${cause.code}: ${cause.message}` : "the request failed");
    } finally {
      place.leave();
    }
    await stream.close({ signal: AbortSignal.timeout(stallMs) });
  }
}
