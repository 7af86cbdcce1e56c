// Log and metrics ports that keep nothing but the last lines of a log, for the report of a failure.
import type { Log, Metrics } from "../../src/ports/index.ts";

export interface RecentLog extends Log {
  readonly lines: readonly string[];
}

const linesMax = 200;

export function recentLog(nowMs: () => number, label = ""): RecentLog {
  const lines: string[] = [];
  const add = (level: string, message: string, fields: unknown): void => {
    lines.push(`${nowMs()} ${label} ${level} ${message} ${JSON.stringify(fields ?? {})}`);
    if (lines.length > linesMax) lines.shift();
  };
  const log: RecentLog = {
    lines,
    debug: (message, fields) => add("debug", message, fields),
    info: (message, fields) => add("info", message, fields),
    warn: (message, fields) => add("warn", message, fields),
    error: (message, fields) => add("error", message, fields),
    child: () => log,
  };
  return log;
}

export const noMetrics: Metrics = {
  counter: () => ({ add: () => {} }),
  gauge: () => ({ set: () => {} }),
  histogram: () => ({ observe: () => {} }),
};
