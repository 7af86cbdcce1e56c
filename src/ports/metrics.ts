// Counters, gauges and histograms by name. Names are `fairmesh_<part>_<what>_<unit>`; labels come from small fixed sets.
export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(amount?: number, labels?: Labels): void;
}
export interface Gauge {
  set(value: number, labels?: Labels): void;
}
export interface Histogram {
  observe(value: number, labels?: Labels): void;
}
export interface MetricOptions {
  readonly help: string;
  readonly labels?: readonly string[];
}

/** Asking twice for one name gives the same metric; with other options it throws InvariantError. */
export interface Metrics {
  counter(name: string, options: MetricOptions): Counter;
  gauge(name: string, options: MetricOptions): Gauge;
  histogram(name: string, options: MetricOptions & { readonly buckets: readonly number[] }): Histogram;
}
