// Bytes by protocol and by peer: counted for metrics and for whoever asks, and limited where that is set. Sees every stream
// right after its protocol was agreed, by way of libp2p's metrics hook (its middleware adds the handler anew for each stream
// and runs inbound handlers on outbound streams). Changes nothing of a stream but that one may be too long.
import type { Metrics as HostMetrics, Stream } from "@libp2p/interface";
import type { Counter, Metrics } from "../ports/index.ts";
import type { Offence } from "./standing.ts";
import { TokenBucket } from "./token-bucket.ts";

export interface TrafficSums {
  readonly received: number;
  readonly sent: number;
}

export interface Named {
  readonly name: string;
  /** A stream that brings more is broken off, which is an offence. */
  readonly bytesMax?: number;
  /** Bytes of one peer a second, and how many it may save up; each 64 KiB more, or part of them, is an offence. */
  readonly rate?: { readonly perSecond: number; readonly burst: number };
}

interface TrafficLimits {
  /** Bytes a second of answers, to all peers together and to one; 0: no limit. */
  readonly answersPerSecond: number;
  readonly answersPerPeerPerSecond: number;
  /** The same for answers to audits, which save up next to nothing. */
  readonly auditsPerSecond: number;
}

interface Paced {
  readonly peer: string;
  readonly protocol: string;
  readonly bytes: number;
}

export interface TrafficParts {
  readonly metrics: Metrics;
  readonly limits: TrafficLimits;
  readonly nowMs: () => number;
  readonly onOffence: (peer: string, offence: Offence, detail?: string) => void;
}

/** What every libp2p stream has, and its public type does not say. */
interface Receiving {
  onData(data: { readonly byteLength: number }): void;
}

interface Sums {
  received: number;
  sent: number;
  bucket: TokenBucket | undefined;
}

const peersMax = 4_096;
/** Audits save up a tenth of a second, against late timers: a whole second's worth at once would be a whole audit. */
const auditBurst = { seconds: 0.1, bytesMin: 256 << 10 } as const;
/** What arrives at once can be small or a whole window: so much beyond a rate is one offence. */
const offenceBytes = 64 << 10;
/** Our own protocols by their names (protocols.ts); they look after their lengths themselves. */
const ofProtocol = (id: string): Named => ({ name: /^\/fairmesh\/[0-9a-f]+\/(.+)\/1$/.exec(id)?.[1] ?? "other" });

/** libp2p's own figures go nowhere: those worth having are ours. */
const ignored = { update() {}, increment() {}, decrement() {}, reset() {}, observe() {}, timer: () => () => {} };
const noMetrics = {
  trackMultiaddrConnection() {},
  registerMetric: () => ignored,
  registerMetricGroup: () => ignored,
  registerCounter: () => ignored,
  registerCounterGroup: () => ignored,
  registerHistogram: () => ignored,
  registerHistogramGroup: () => ignored,
  registerSummary: () => ignored,
  registerSummaryGroup: () => ignored,
  createTrace() {},
  traceFunction: (_name: string, traced: unknown) => traced,
};

export class Traffic {
  readonly #parts: TrafficParts;
  readonly #counter: Counter;
  readonly #protocols = new Map<string, Sums>();
  readonly #peers = new Map<string, Sums>();
  readonly #named = new Map<string, Named>();
  readonly #rates = new Map<string, TokenBucket>();
  readonly #all: TokenBucket | undefined;
  readonly #audits: TokenBucket | undefined;

  constructor(parts: TrafficParts) {
    this.#parts = parts;
    this.#counter = parts.metrics.counter("fairmesh_network_bytes_total", {
      help: "Bytes over streams, by protocol and direction, without the cost of encryption.",
      labels: ["protocol", "direction"],
    });
    const { answersPerSecond, auditsPerSecond } = parts.limits;
    this.#all = this.#bucket(answersPerSecond);
    this.#audits = this.#bucket(auditsPerSecond, Math.max(auditsPerSecond * auditBurst.seconds, auditBurst.bytesMin));
  }

  /** Counts the streams of a protocol id under `name`, within what is said of them. */
  name(id: string, named: Named): void {
    this.#named.set(id, named);
  }

  /** For libp2p: `peerOf` says who is at the other end of a stream. */
  hostMetrics(peerOf: (stream: Stream) => string | undefined): HostMetrics {
    return { ...noMetrics, trackProtocolStream: (stream) => this.#meter(stream, peerOf(stream)) } as HostMetrics;
  }

  /**
   * Waits as long as `bytes` more of answers to a peer have to. Undefined when no limit is set. Who waits at once gets equal
   * parts: each chunk waits for those that were asked for before it.
   */
  get pace(): ((paced: Paced, signal: AbortSignal) => Promise<void>) | undefined {
    const { answersPerPeerPerSecond } = this.#parts.limits;
    if (this.#all === undefined && this.#audits === undefined && answersPerPeerPerSecond === 0) return undefined;
    return async ({ peer, protocol, bytes }, signal) => {
      const own = this.#sumsOf(this.#peers, peer);
      own.bucket ??= this.#bucket(answersPerPeerPerSecond);
      const buckets = [this.#all, own.bucket, protocol === "audit" ? this.#audits : undefined];
      const waitMs = Math.max(...buckets.map((bucket) => bucket?.owe(bytes) ?? 0));
      if (waitMs > 0) await paused(waitMs, signal);
    };
  }

  byProtocol(): ReadonlyMap<string, TrafficSums> {
    return new Map([...this.#protocols].map(([name, { received, sent }]) => [name, { received, sent }]));
  }

  ofPeer(peer: string): TrafficSums {
    const { received, sent } = this.#peers.get(peer) ?? { received: 0, sent: 0 };
    return { received, sent };
  }

  #meter(stream: Stream, peer: string | undefined): void {
    const {
      name,
      bytesMax = Number.POSITIVE_INFINITY,
      rate,
    } = this.#named.get(stream.protocol) ?? ofProtocol(stream.protocol);
    const receiving = stream as unknown as Receiving;
    const onData = receiving.onData.bind(stream);
    const send = stream.send.bind(stream);
    let received = 0;
    receiving.onData = (data) => {
      received += data.byteLength;
      if (received > bytesMax) {
        if (peer !== undefined) this.#parts.onOffence(peer, "oversized-frame", name);
        stream.abort(new Error(`more than ${bytesMax} bytes on one stream`));
        return;
      }
      if (rate !== undefined && peer !== undefined && !this.#rateOf(peer, rate).take(data.byteLength)) {
        for (let over = 0; over < data.byteLength; over += offenceBytes)
          this.#parts.onOffence(peer, "gossip-flood", name);
      }
      this.#count(name, peer, { received: data.byteLength, sent: 0 });
      onData(data);
    };
    stream.send = (data) => {
      this.#count(name, peer, { received: 0, sent: data.byteLength });
      return send(data);
    };
  }

  #count(name: string, peer: string | undefined, { received, sent }: TrafficSums): void {
    const both = [
      this.#sumsOf(this.#protocols, name),
      ...(peer === undefined ? [] : [this.#sumsOf(this.#peers, peer)]),
    ];
    for (const sums of both) {
      sums.received += received;
      sums.sent += sent;
    }
    const direction = received > 0 ? "received" : "sent";
    this.#counter.add(received + sent, { protocol: name, direction });
  }

  #sumsOf(sums: Map<string, Sums>, key: string): Sums {
    const known = sums.get(key);
    if (known !== undefined) return known;
    const fresh: Sums = { received: 0, sent: 0, bucket: undefined };
    sums.set(key, fresh);
    if (sums.size > peersMax) sums.delete(sums.keys().next().value as string);
    return fresh;
  }

  #rateOf(peer: string, rate: NonNullable<Named["rate"]>): TokenBucket {
    const bucket = this.#rates.get(peer) ?? new TokenBucket({ ...rate, nowMs: this.#parts.nowMs });
    this.#rates.set(peer, bucket);
    if (this.#rates.size > peersMax) this.#rates.delete(this.#rates.keys().next().value as string);
    return bucket;
  }

  #bucket(perSecond: number, burst = perSecond): TokenBucket | undefined {
    return perSecond === 0 ? undefined : new TokenBucket({ perSecond, burst, nowMs: this.#parts.nowMs });
  }
}

const paused = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
