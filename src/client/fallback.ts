// Several ways to several nodes: the first that answers is used, and the next when it does not.
import { ClientError } from "./client-error.ts";
import type { Transport } from "./transport.ts";

/** Tries the transports in order, beginning with the one that worked last. Errors that a node answers are answers. */
export function fallback(transports: readonly Transport[]): Transport {
  if (transports.length === 0) throw new ClientError("UNSUPPORTED", "fallback() needs at least one transport");
  let current = 0;
  return {
    async request(method, params, options) {
      let last: unknown;
      for (let tried = 0; tried < transports.length; tried++) {
        const at = (current + tried) % transports.length;
        try {
          const result = await (transports[at] as Transport).request(method, params, options);
          current = at;
          return result;
        } catch (error) {
          const again = error instanceof ClientError && ["TRANSPORT_FAILED", "TIMED_OUT"].includes(error.code);
          if (!again) throw error;
          last = error;
        }
      }
      throw last;
    },
    subscribe(...subscription) {
      const able = transports.find((transport) => transport.subscribe !== undefined);
      if (able?.subscribe === undefined) {
        throw new ClientError("UNSUPPORTED", "subscriptions need webSocket() among the transports");
      }
      return able.subscribe(...subscription);
    },
    close: () => {
      for (const transport of transports) transport.close();
    },
  };
}
