// The prom-client adapter and its twin against the Metrics contract; the text that Prometheus reads; bounded series.
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Labels } from "../../src/ports/index.ts";
import { createMetrics } from "../../src/telemetry/index.ts";
import { metricsContract } from "../contract/metrics.ts";
import { createMemoryMetrics } from "../support/memory-telemetry.ts";

/** Reads a figure back out of the text, as Prometheus would. */
async function read(text: string, name: string, labels: Labels = {}): Promise<number | undefined> {
  const shown = Object.entries(labels)
    .map(([key, value]) => `${key}="${value}"`)
    .join(",");
  const series = shown === "" ? name : `${name}{${shown}}`;
  const line = text.split("\n").find((one) => one.startsWith(`${series} `) || one.startsWith(`${name}_count `));
  return line === undefined ? undefined : Number(line.split(" ").at(-1));
}

metricsContract(test, "prom-client", () => {
  const metrics = createMetrics();
  return { metrics, value: async (name, labels) => read(await metrics.expose(), name, labels) };
});
metricsContract(test, "in memory", () => {
  const metrics = createMemoryMetrics();
  return { metrics, value: async (name, labels) => metrics.value(name, labels) };
});

test("names are ours, and two registries share nothing", async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  assert.throws(() => one.counter("requests", { help: "x" }));
  one.counter("fairmesh_a_total", { help: "x" }).add();
  assert.not((await other.expose()).includes("fairmesh_a_total"));
});

test("a metric keeps no more series than its limit, and says that it dropped some", async () => {
  const metrics = createMetrics({ seriesMax: 10 });
  const counter = metrics.counter("fairmesh_test_total", { help: "x", labels: ["peer"] });
  for (let peer = 0; peer < 50; peer++) counter.add(1, { peer: String(peer) });
  counter.add(1, { peer: "3" });
  const text = await metrics.expose();
  assert.is(text.split("\n").filter((line) => line.startsWith("fairmesh_test_total{")).length, 10);
  assert.match(text, "fairmesh_metrics_dropped_series_total 40");
  assert.match(text, 'fairmesh_test_total{peer="3"} 2');
});

test("the process' own figures come without gauges named like counters", async () => {
  const text = await createMetrics({ processMetrics: true }).expose();
  assert.match(text, "process_resident_memory_bytes");
  assert.not(/# TYPE \w+_total gauge/.test(text));
});

test.run();
