// The reports of an epoch as settlement reads them (P-3): whole, proved where transcripts were drawn, and in the order of
// assets, so that they are walked beside the assets and never searched. Reads one immutable state.
import { compareBytes, type Digest, digest } from "../primitives/index.ts";
import { type Posting, type ReportEntry, type ReportState, tables } from "../schema/index.ts";
import { drawnEntries } from "./audit-windows.ts";
import { decodeRecord, eachRecord } from "./draft.ts";
import { posting } from "./posting-list.ts";
import { type LedgerState, readState } from "./state.ts";
import { isComplete, reportPartKey } from "./transactions/report.ts";

/** The entries of one auditor, by asset, and how far the walk has come. */
export class ReportWalk {
  readonly #entries: readonly ReportEntry[];
  #next = 0;
  #placed = 0;

  constructor(entries: readonly ReportEntry[]) {
    this.#entries = entries;
  }

  /** The entry on an asset, which must come after all asked for before. */
  take(assetId: Uint8Array): ReportEntry | undefined {
    let entry = this.#entries[this.#next];
    while (entry !== undefined && compareBytes(entry.assetId, assetId) < 0) entry = this.#entries[++this.#next];
    if (entry === undefined || compareBytes(entry.assetId, assetId) !== 0) return undefined;
    this.#next++;
    this.#placed++;
    return entry;
  }

  /** Entries on assets that were not this auditor's, or on one asset twice. */
  get misplaced(): number {
    return this.#entries.length - this.#placed;
  }
}

export const noReport = new ReportWalk([]);

type ReadReport = { readonly report: ReportState; readonly walk: ReportWalk; readonly lostPass: boolean };

export interface ReportsQuestion {
  readonly state: LedgerState;
  readonly epoch: number;
  readonly drawReveal: Digest;
  readonly transcriptsDrawn: number;
  /** Takes what is to be deleted once the epoch is settled. */
  readonly drops: Posting[];
  tell(read: ReadReport): void;
}

/** Reads the reports on an epoch; answers the cost of each step. A report that does not count is not told, but dropped. */
export function* readReports(question: ReportsQuestion): Generator<number> {
  const { state, epoch, drops } = question;
  for (const [key, report] of eachRecord(state, tables.reports)) {
    if (report.epoch !== epoch) continue;
    drops.push(posting(tables.reports.space, digest(key.slice())));
    const parts = report.counts.map((_, part): readonly ReportEntry[] => {
      const partKey = reportPartKey(epoch, report.auditor, part);
      const bytes = readState(state, tables.reportParts.space, partKey);
      if (bytes === undefined) return [];
      drops.push(posting(tables.reportParts.space, partKey));
      return decodeRecord(tables.reportParts, bytes).entries;
    });
    const lostPass = isComplete(report) && !allProved(report, parts, question);
    const entries = parts.length === 1 ? (parts[0] as readonly ReportEntry[]) : parts.flat().sort(byAsset);
    if (isComplete(report)) question.tell({ report, walk: lostPass ? noReport : new ReportWalk(entries), lostPass });
    yield 1 + (entries.length >> 1);
  }
}

const byAsset = (a: ReportEntry, b: ReportEntry): number => compareBytes(a.assetId, b.assetId);

/** A report counts when every drawn pass is proved by a transcript (P-3). */
function allProved(report: ReportState, parts: readonly (readonly ReportEntry[])[], of: ReportsQuestion): boolean {
  return drawnEntries(report, of.drawReveal, of.transcriptsDrawn).every((draw, at) => {
    const entry = parts[draw.part]?.[draw.index];
    return entry === undefined || entry.passed === 0 || ((report.filed >>> at) & 1) === 1;
  });
}
