// The alerts that are raised now, from one look to the next: what is new and what is over is told once, and logged.
// A finding must be seen in two looks before it is raised, so that a moment's hiccup wakes nobody.
import type { Gauge, Log, Metrics } from "../../ports/index.ts";
import { type Finding, findingsOf, type Sight } from "./alert-rules.ts";

export interface RaisedAlert extends Finding {
  readonly sinceHeight: number;
  readonly raised: boolean;
}

export class AlertBoard {
  readonly #log: Log;
  readonly #gauge: Gauge;
  readonly #raised = new Map<string, RaisedAlert>();
  readonly #listeners = new Set<(alert: RaisedAlert) => void>();
  #seenOnce = new Set<string>();

  constructor({ log, metrics }: { readonly log: Log; readonly metrics: Metrics }) {
    this.#log = log;
    this.#gauge = metrics.gauge("fairmesh_alerts_raised", { help: "Alerts that are raised now." });
  }

  list(): readonly RaisedAlert[] {
    return [...this.#raised.values()];
  }

  onChange(listener: (alert: RaisedAlert) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  look(sight: Sight): void {
    const findings = new Map(findingsOf(sight).map((finding) => [finding.code, finding]));
    for (const [code, alert] of this.#raised) {
      if (findings.has(code)) continue;
      this.#raised.delete(code);
      this.#tell({ ...alert, raised: false });
    }
    for (const [code, finding] of findings) {
      const known = this.#raised.get(code);
      if (known === undefined && !this.#seenOnce.has(code)) continue;
      const alert = { ...finding, sinceHeight: known?.sinceHeight ?? sight.height, raised: true };
      this.#raised.set(code, alert);
      if (known === undefined) this.#tell(alert);
    }
    this.#seenOnce = new Set(findings.keys());
    this.#gauge.set(this.#raised.size);
  }

  #tell(alert: RaisedAlert): void {
    const fields = { alert: alert.code };
    if (!alert.raised) this.#log.info(`over: ${alert.message}`, fields);
    else if (alert.severity === "critical") this.#log.error(alert.message, fields);
    else this.#log.warn(alert.message, fields);
    for (const listener of this.#listeners) listener(alert);
  }
}
