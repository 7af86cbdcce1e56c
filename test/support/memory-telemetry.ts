// In-memory twins of Log and Metrics, which remember what they were told: for tests that ask about it.
import type { Labels, Log, LogFields, LogLevel, MetricOptions, Metrics } from "../../src/ports/index.ts";
import { invariant } from "../../src/primitives/index.ts";

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

export function createMemoryLog(lines: LogLine[] = [], bound: LogFields = {}): Log & { readonly lines: LogLine[] } {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push({ level, message, fields: { ...bound, ...fields } });
  return {
    lines,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => createMemoryLog(lines, { ...bound, ...fields }),
  };
}

/** `value` gives a counter's or gauge's figure, or how often a histogram observed. */
export function createMemoryMetrics(): Metrics & { value(name: string, labels?: Labels): number | undefined } {
  const values = new Map<string, number>();
  const shapes = new Map<string, string>();
  const key = (name: string, labels: Labels = {}): string => JSON.stringify([name, Object.entries(labels).sort()]);
  const check = (kind: string, name: string, options: MetricOptions): void => {
    const shape = JSON.stringify([kind, options]);
    invariant((shapes.get(name) ?? shape) === shape, "a metric is asked for with the same options", { name });
    shapes.set(name, shape);
  };
  const add = (name: string, amount: number, labels?: Labels) =>
    void values.set(key(name, labels), (values.get(key(name, labels)) ?? 0) + amount);
  return {
    value: (name, labels) => values.get(key(name, labels)),
    counter(name, options) {
      check("counter", name, options);
      return { add: (amount = 1, labels) => add(name, amount, labels) };
    },
    gauge(name, options) {
      check("gauge", name, options);
      return { set: (value, labels) => void values.set(key(name, labels), value) };
    },
    histogram(name, options) {
      check("histogram", name, options);
      return { observe: (_value, labels) => add(name, 1, labels) };
    },
  };
}
