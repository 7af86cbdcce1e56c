// Serves /metrics for Prometheus on a port of its own.
import { createServer } from "node:http";
import type { Config } from "../config/index.ts";
import { FairmeshError } from "../primitives/index.ts";
import type { createMetrics } from "../telemetry/index.ts";

export function serveMetrics(config: Config["metrics"], metrics: ReturnType<typeof createMetrics>) {
  const server = createServer((request, response) => {
    if (request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    metrics.expose().then(
      (text) => response.writeHead(200, { "content-type": metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  return {
    start: () =>
      new Promise<void>((settle, fail) => {
        if (!config.enabled) return settle();
        server.once("error", (cause) =>
          fail(
            new FairmeshError("PORT_IN_USE", `port ${config.port} is taken; set metrics.port to another`, { cause }),
          ),
        );
        server.listen(config.port, config.host, settle);
      }),
    stop: () =>
      new Promise<void>((settle) => {
        server.closeAllConnections();
        server.close(() => settle());
      }),
  };
}
