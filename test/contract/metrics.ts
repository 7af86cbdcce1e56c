// What every Metrics must do. Called with a way to make one whose figures can be read.
import type { test as uvuTest } from "uvu";
import * as assert from "uvu/assert";
import type { Labels, Metrics } from "../../src/ports/index.ts";

export interface ReadableMetrics {
  readonly metrics: Metrics;
  /** A counter's or gauge's figure; for a histogram how often it observed; undefined before the first. */
  value(name: string, labels?: Labels): Promise<number | undefined>;
}

export function metricsContract(test: typeof uvuTest, name: string, make: () => ReadableMetrics): void {
  test(`${name}: counters add up, gauges are set, histograms observe, each by its labels`, async () => {
    const { metrics, value } = make();
    const counter = metrics.counter("fairmesh_test_messages_total", { help: "Messages", labels: ["kind"] });
    counter.add(1, { kind: "vote" });
    counter.add(2, { kind: "vote" });
    counter.add(1, { kind: "block" });
    metrics.gauge("fairmesh_test_height_blocks", { help: "Height" }).set(5);
    metrics.gauge("fairmesh_test_height_blocks", { help: "Height" }).set(4);
    const histogram = metrics.histogram("fairmesh_test_time_seconds", { help: "Time", buckets: [0.1, 1] });
    for (const seconds of [0.05, 0.5, 5]) histogram.observe(seconds);
    assert.is(await value("fairmesh_test_messages_total", { kind: "vote" }), 3);
    assert.is(await value("fairmesh_test_messages_total", { kind: "block" }), 1);
    assert.is(await value("fairmesh_test_height_blocks"), 4);
    assert.is(await value("fairmesh_test_time_seconds"), 3);
  });

  test(`${name}: one name is one metric, and refuses other options`, async () => {
    const { metrics, value } = make();
    metrics.counter("fairmesh_test_sum_total", { help: "Sum" }).add(1);
    metrics.counter("fairmesh_test_sum_total", { help: "Sum" }).add();
    assert.is(await value("fairmesh_test_sum_total"), 2);
    assert.throws(() => metrics.counter("fairmesh_test_sum_total", { help: "Another" }));
    assert.throws(() => metrics.gauge("fairmesh_test_sum_total", { help: "Sum" }));
  });
}
