// Looks further into what passed its challenge: work too long for a deadline, a storage sector made again. At most one look for each
// asset and epoch, where the epoch's secret draws it, so that no prover knows beforehand which answer will be looked into. No look is
// late: what it finds counts from then on (duties.ts). One that no thread was free for until the end of the next epoch is skipped.
import { sha256 } from "../../crypto/index.ts";
import type { Counter, Log, Metrics } from "../../ports/index.ts";
import { type AssetKind, type Digest, keyOf, utf8ToBytes } from "../../primitives/index.ts";
import type { Inspection, Service } from "../../services/index.ts";
import type { AuditRecord } from "./audit-exchange.ts";
import type { DutyAsset, DutyView } from "./duty-view.ts";

export interface InspectionsParts {
  readonly view: Pick<DutyView, "head" | "secret">;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly service: (kind: string) => Service | undefined;
  /** Hears of what was looked into twice and was wrong both times. Settles when that is on disk. */
  readonly onFault: (record: AuditRecord, asset: DutyAsset, fault: string) => Promise<void>;
}

/** Looks that wait, each with an answer of some 20 KiB; further ones are skipped. */
const inspectionsWaitingMax = 256;
/** Assets remembered as looked into, or drawn not to be, in this epoch. */
const seenMax = 100_000;

interface Waiting {
  readonly asset: DutyAsset;
  readonly record: AuditRecord;
  readonly inspection: Inspection;
}

export class Inspections {
  readonly #parts: InspectionsParts;
  readonly #waiting: Waiting[] = [];
  readonly #running = new Set<Waiting>();
  readonly #stopped = new AbortController();
  readonly #counter: Counter;
  #seen = new Set<string>();
  #seenEpoch = -1;

  constructor(parts: InspectionsParts) {
    this.#parts = parts;
    this.#counter = parts.metrics.counter("fairmesh_inspections_total", {
      help: "Looks behind audits that passed, by kind and outcome: passed, failed, skipped for lack of threads, broken off.",
      labels: ["kind", "outcome"],
    });
  }

  stop(): void {
    this.#stopped.abort(new Error("stopping"));
    this.#waiting.length = 0;
  }

  /** Takes up a pass if it is the asset's first of its epoch and the look at it is drawn. */
  consider(record: AuditRecord, asset: DutyAsset): void {
    const { view, service } = this.#parts;
    const { challenge } = record;
    const secret = view.secret(challenge.epoch);
    if (secret === undefined || !this.#isFirst(challenge.epoch, keyOf(asset.id))) return;
    const draw: Digest = sha256(utf8ToBytes("inspect"), secret, asset.id);
    const inspection = { challenge, asset, activeFromEpoch: asset.activeFromEpoch, draw };
    if (service(asset.kind)?.inspects?.(inspection) !== true) return;
    if (this.#waiting.length < inspectionsWaitingMax) this.#waiting.push({ asset, record, inspection });
    else this.#skip(asset, "too many wait");
    this.#begin();
  }

  #isFirst(epoch: number, asset: string): boolean {
    if (epoch > this.#seenEpoch) this.#seen = new Set();
    this.#seenEpoch = Math.max(epoch, this.#seenEpoch);
    if (epoch < this.#seenEpoch || this.#seen.has(asset) || this.#seen.size >= seenMax) return false;
    this.#seen.add(asset);
    return true;
  }

  /** Whether a look at something of that epoch is under way. */
  isLooking(epoch: number): boolean {
    return [...this.#running].some(({ record }) => record.challenge.epoch === epoch);
  }

  /** Begins what has room: the youngest commitments first, which nobody may have looked into yet, then by epoch. */
  #begin(): void {
    const { service, view } = this.#parts;
    this.#waiting.sort(
      (a, b) =>
        b.asset.activeFromEpoch - a.asset.activeFromEpoch || a.record.challenge.epoch - b.record.challenge.epoch,
    );
    const isFree = (kind: AssetKind): boolean =>
      [...this.#running].filter(({ asset }) => asset.kind === kind).length < (service(kind)?.inspectionsAtOnce ?? 1);
    for (;;) {
      const at = this.#waiting.findIndex(({ asset }) => isFree(asset.kind));
      const [next] = at < 0 ? [] : this.#waiting.splice(at, 1);
      if (next === undefined) return;
      if (view.head().epoch > next.record.challenge.epoch + 1) {
        this.#skip(next.asset, "no thread was free for it");
        continue;
      }
      this.#running.add(next);
      void this.#look(next).finally(() => {
        this.#running.delete(next);
        this.#begin();
      });
    }
  }

  #skip({ id, kind }: DutyAsset, why: string): void {
    this.#counter.add(1, { kind, outcome: "skipped" });
    this.#parts.log.info("an inspection was skipped", { asset: keyOf(id).slice(0, 12), kind, why });
  }

  /** A look that fails to be made says nothing of the asset, and one that finds something is made again: it may be our own memory. */
  async #look({ asset, record, inspection }: Waiting): Promise<void> {
    const { service, log, onFault } = this.#parts;
    const { kind } = asset;
    const once = async (): Promise<string | undefined> =>
      service(kind)?.inspect?.(inspection, record.finding.answer, this.#stopped.signal);
    try {
      const fault = (await once()) && (await once());
      this.#counter.add(1, { kind, outcome: fault === undefined ? "passed" : "failed" });
      if (fault !== undefined) await onFault(record, asset, fault);
    } catch (cause) {
      if (this.#stopped.signal.aborted) return;
      this.#counter.add(1, { kind, outcome: "broken" });
      log.warn("an asset could not be inspected", { asset: keyOf(asset.id).slice(0, 12), kind, cause: String(cause) });
    }
  }
}
