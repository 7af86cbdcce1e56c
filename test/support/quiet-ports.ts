// Logs and metrics that nobody reads, for tests of something else.
import type { Log, Metrics } from "../../src/ports/index.ts";

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quietLog };

export const quietMetrics: Metrics = {
  counter: () => ({ add() {} }),
  gauge: () => ({ set() {} }),
  histogram: () => ({ observe() {} }),
};
