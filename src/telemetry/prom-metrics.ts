// The Metrics adapter on prom-client, with its text for /metrics. Names and labels are checked when a metric is made, and the
// number of series a metric may grow to is bounded: what comes beyond is counted and not kept.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Labels, MetricOptions, Metrics } from "../ports/index.ts";
import { invariant } from "../primitives/index.ts";

export interface PromMetrics extends Metrics {
  /** The Prometheus text format. */
  expose(): Promise<string>;
  /** The content type of that text. */
  readonly contentType: string;
}

export interface PromMetricsOptions {
  /** Also the process' own figures (CPU, memory, event loop). */
  readonly processMetrics?: boolean;
  /** Series a metric may have. */
  readonly seriesMax?: number;
}

/** Gauges that end in _total, which promtool rightly dislikes. */
const misnamed = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];
const metricName = /^fairmesh_[a-z][a-z0-9_]*$/;

interface Made {
  readonly shape: string;
  readonly metric: unknown;
}

/** Says whether a series may be written: it is known, or there is room for it. */
function seriesGate(max: number, onDropped: () => void): (labels: Labels) => boolean {
  const known = new Set<string>();
  return (labels) => {
    const name = Object.entries(labels).sort().join("\u0000");
    if (known.has(name)) return true;
    if (known.size >= max) {
      onDropped();
      return false;
    }
    known.add(name);
    return true;
  };
}

/** A registry of its own, so that several nodes in one process keep their figures apart. */
export function createMetrics({ processMetrics = false, seriesMax = 500 }: PromMetricsOptions = {}): PromMetrics {
  const registry = new Registry();
  if (processMetrics) {
    collectDefaultMetrics({ register: registry });
    for (const name of misnamed) registry.removeSingleMetric(name);
  }
  const dropped = new Counter({
    name: "fairmesh_metrics_dropped_series_total",
    help: "Values not kept because their metric has too many series",
    registers: [registry],
  });
  const made = new Map<string, Made>();
  const once = <T>(name: string, shape: string, make: () => T): T => {
    const known = made.get(name);
    invariant(known === undefined || known.shape === shape, "a metric is asked for with the same options", { name });
    if (known !== undefined) return known.metric as T;
    invariant(metricName.test(name), "a metric's name is fairmesh_<part>_<what>_<unit>", { name });
    const metric = make();
    made.set(name, { shape, metric });
    return metric;
  };
  const config = (name: string, { help, labels = [] }: MetricOptions) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  const gate = () => seriesGate(seriesMax, () => dropped.inc());

  return {
    contentType: registry.contentType,
    expose: () => registry.metrics(),
    counter: (name, options) =>
      once(name, JSON.stringify(["counter", options]), () => {
        const counter = new Counter(config(name, options));
        const allowed = gate();
        return { add: (amount = 1, labels: Labels = {}) => void (allowed(labels) && counter.inc(labels, amount)) };
      }),
    gauge: (name, options) =>
      once(name, JSON.stringify(["gauge", options]), () => {
        const gauge = new Gauge(config(name, options));
        const allowed = gate();
        return { set: (value: number, labels: Labels = {}) => void (allowed(labels) && gauge.set(labels, value)) };
      }),
    histogram: (name, options) =>
      once(name, JSON.stringify(["histogram", options]), () => {
        const histogram = new Histogram({ ...config(name, options), buckets: [...options.buckets] });
        const allowed = gate();
        return {
          observe: (value: number, labels: Labels = {}) => void (allowed(labels) && histogram.observe(labels, value)),
        };
      }),
  };
}
