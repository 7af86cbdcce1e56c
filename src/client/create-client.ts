// A client of a node: typed calls with retries, over any transport.
import { ClientError } from "./client-error.ts";
import type { MethodName, Methods } from "./methods.ts";
import type { RequestOptions, Transport } from "./transport.ts";

export interface ClientOptions {
  readonly transport: Transport;
  /** How often a call that got no answer is made again; never `tx_submit`, whose outcome is then not known. */
  readonly retries?: number;
}

/** A method whose every parameter may be left out needs none. */
type Params<M extends MethodName> =
  Record<string, never> extends Methods[M]["params"]
    ? [params?: Methods[M]["params"], options?: RequestOptions]
    : [params: Methods[M]["params"], options?: RequestOptions];

export interface Client {
  readonly transport: Transport;
  /** Rejects with ClientError, or with the signal's reason. */
  request<M extends MethodName>(method: M, ...params: Params<M>): Promise<Methods[M]["result"]>;
  close(): void;
}

const pauseFirstMs = 200;

const isPassing = (error: unknown): boolean =>
  error instanceof ClientError &&
  (error.code === "TRANSPORT_FAILED" ||
    error.code === "TIMED_OUT" ||
    (error.code === "RPC_FAILED" && error.reason === "rate"));

export function createClient({ transport, retries = 2 }: ClientOptions): Client {
  return {
    transport,
    async request(method, params = {}, options = {}) {
      for (let attempt = 0; ; attempt++) {
        try {
          return (await transport.request(method, params, options)) as never;
        } catch (error) {
          if (attempt >= retries || method === "tx_submit" || !isPassing(error)) throw error;
        }
        await new Promise((wake) => setTimeout(wake, pauseFirstMs * 2 ** attempt));
        options.signal?.throwIfAborted();
      }
    },
    close: () => transport.close(),
  };
}
