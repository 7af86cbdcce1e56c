// One-way delays between cloud regions, half of measured round trips.
// Source: IBM Cloud docs, ibm-cloud-docs/vpc, network latency dashboard, 27 July to 25 August 2024 (region-rtt-ms.csv).
import { readFileSync } from "node:fs";

export interface RegionLatency {
  readonly regions: readonly string[];
  /** Milliseconds one way, at least 1. */
  readonly delayMs: (from: number, to: number) => number;
}

export function regionLatency(): RegionLatency {
  const [head = "", ...rows] = readFileSync(new URL("./region-rtt-ms.csv", import.meta.url), "utf8")
    .trim()
    .split(/\r?\n/);
  const regions = head.split(",").slice(1);
  const table = rows.map((row) => row.split(",").slice(1).map(Number));
  return { regions, delayMs: (from, to) => Math.max(1, Math.round((table[from]?.[to] ?? 100) / 2)) };
}
