// The door of telemetry: logs by pino, metrics by prom-client.
export * from "./pino-log.ts";
export * from "./prom-metrics.ts";
