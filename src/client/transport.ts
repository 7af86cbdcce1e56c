// How a client reaches a node. http(), webSocket() and fallback() make one; a program may bring its own.
import type { Topics } from "./methods.ts";

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface SubscribeRequest<T extends keyof Topics = keyof Topics> {
  readonly topic: T;
  readonly fromHeight?: number | undefined;
  readonly owner?: string | undefined;
}

export interface SubscriptionEvent {
  readonly height: number;
  readonly item: unknown;
}

export interface Transport {
  /** The answer's `result`. Rejects with ClientError. */
  request(method: string, params: object, options?: RequestOptions): Promise<unknown>;
  /**
   * Events until the answer is called, over reconnections, without a gap and without a repetition where the topic has heights.
   * `onError` hears why there will be no more.
   */
  subscribe?(
    request: SubscribeRequest,
    onEvent: (event: SubscriptionEvent) => void,
    onError: (error: Error) => void,
  ): () => void;
  close(): void;
}

export interface TransportOptions {
  /** A bearer token, for what needs one. */
  readonly token?: string;
  /** Milliseconds until a request is given up. */
  readonly timeoutMs?: number;
}

export const defaultTimeoutMs = 10_000;

/** Aborts with the caller's signal, or when time is up. */
export const limited = (timeoutMs: number, signal: AbortSignal | undefined): AbortSignal =>
  signal === undefined ? AbortSignal.timeout(timeoutMs) : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
