// JSON-RPC over HTTP. With `batch`, calls of one turn of the event loop travel together.
import { type Answer, resultOf } from "./answer.ts";
import { ClientError } from "./client-error.ts";
import { defaultTimeoutMs, limited, type Transport, type TransportOptions } from "./transport.ts";

export interface HttpOptions extends TransportOptions {
  /** Calls that travel together at most; 1, the default, sends each by itself. A node takes 20 unless it says otherwise. */
  readonly batchMax?: number;
}

interface Waiting {
  readonly method: string;
  readonly params: object;
  readonly signal: AbortSignal;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

function failureOf(cause: unknown, method: string, url: string): ClientError {
  if (cause instanceof ClientError) return cause;
  if ((cause as { readonly name?: string }).name === "TimeoutError") {
    return new ClientError("TIMED_OUT", "the node did not answer in time", { method, url, cause });
  }
  return new ClientError("TRANSPORT_FAILED", "the node could not be reached", { method, url, cause });
}

/** A node's RPC address, such as http://127.0.0.1:4710. */
export function http(url: string, options: HttpOptions = {}): Transport {
  const { token, timeoutMs = defaultTimeoutMs, batchMax = 1 } = options;
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const closed = new AbortController();
  let waiting: Waiting[] = [];

  async function post(body: unknown, signal: AbortSignal): Promise<unknown> {
    const text = JSON.stringify(body);
    const response = await fetch(url, { method: "POST", headers, body: text, signal });
    return response.json();
  }

  async function send(calls: readonly Waiting[]): Promise<void> {
    const requests = calls.map(({ method, params }, id) => ({ jsonrpc: "2.0", id, method, params }));
    const [first] = calls;
    try {
      // One caller's signal cannot end the others' calls: then time alone does.
      const signal = calls.length === 1 && first !== undefined ? first.signal : limited(timeoutMs, closed.signal);
      const answered = await post(requests.length === 1 ? requests[0] : requests, signal);
      const answers = (Array.isArray(answered) ? answered : [answered]) as readonly Answer[];
      // An answer without an id is about all of them.
      const toAll = answers.find(({ id }) => id === null);
      for (const [id, call] of calls.entries()) {
        try {
          call.resolve(resultOf(answers.find((answer) => answer.id === id) ?? toAll, call.method));
        } catch (error) {
          call.reject(error);
        }
      }
    } catch (error) {
      for (const call of calls) call.reject(error);
    }
  }

  function flush(): void {
    const calls = waiting;
    waiting = [];
    for (let at = 0; at < calls.length; at += batchMax) void send(calls.slice(at, at + batchMax));
  }

  return {
    async request(method, params, { signal } = {}) {
      if (closed.signal.aborted) throw new ClientError("CLOSED", "the client was closed", { method });
      const bound = limited(timeoutMs, signal === undefined ? closed.signal : AbortSignal.any([signal, closed.signal]));
      try {
        return await new Promise((resolve, reject) => {
          bound.throwIfAborted();
          bound.addEventListener("abort", () => reject(bound.reason), { once: true });
          waiting.push({ method, params, signal: bound, resolve, reject });
          if (waiting.length === 1) queueMicrotask(flush);
        });
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw failureOf(error, method, url);
      }
    },
    close: () => closed.abort(new ClientError("CLOSED", "the client was closed")),
  };
}
