// The reports of an epoch as settlement reads them (P-3): whole, proved where transcripts were drawn, and in the order of
// assets, so that they are walked beside the assets and never searched. Entries stay as the records of the state have them, and
// are decoded when asked for: held as values, those of many assets would fill the memory. Reads one immutable state.
import { type Bytes, type Digest, digest, invariant } from "../primitives/index.ts";
import {
  type Posting,
  type ReportEntry,
  type ReportState,
  reportEntryAt,
  reportEntryBytes,
  reportEntryCodec,
  reportPartCount,
  tables,
} from "../schema/index.ts";
import { drawnEntries } from "./audit-windows.ts";
import { eachRecord } from "./draft.ts";
import { posting } from "./posting-list.ts";
import { type LedgerState, readState } from "./state.ts";
import { isComplete, reportPartKey } from "./transactions/report.ts";

const idBytes = 32;

/** The order of the 32 bytes at `at` and those of an id. */
function compareId(bytes: Bytes, at: number, id: Bytes): number {
  for (let index = 0; index < idBytes; index++) {
    const difference = (bytes[at + index] as number) - (id[index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

function decodedEntry(part: Bytes, index: number): ReportEntry {
  const at = reportEntryAt(index);
  const entry = reportEntryCodec.decode(part.subarray(at, at + reportEntryBytes));
  invariant(entry.ok, "an entry of a report that was filed decodes");
  return entry.value;
}

/** The entries of one auditor, by asset, and how far the walk has come. */
export class ReportWalk {
  readonly #parts: readonly Bytes[];
  /** Of each entry in the order of assets: its part and its place there. */
  readonly #order: readonly (readonly [part: number, index: number])[] | undefined;
  readonly #count: number;
  #next = 0;
  #placed = 0;

  /** Records of report parts, each ascending by asset. */
  constructor(parts: readonly Bytes[]) {
    this.#parts = parts;
    this.#count = parts.reduce((sum, part) => sum + reportPartCount(part), 0);
    if (parts.length < 2) return;
    const all = parts.flatMap((bytes, part) =>
      Array.from({ length: reportPartCount(bytes) }, (_, index) => [part, index] as const),
    );
    const idOf = ([part, index]: readonly [number, number]): Bytes =>
      (parts[part] as Bytes).subarray(reportEntryAt(index), reportEntryAt(index) + idBytes);
    this.#order = all.sort((a, b) => compareId(parts[a[0]] as Bytes, reportEntryAt(a[1]), idOf(b)));
  }

  #placeOf(entry: number): readonly [part: number, index: number] {
    return this.#order?.[entry] ?? [0, entry];
  }

  /** The number of the entry on an asset, which must come after all asked for before; -1 when there is none. */
  take(assetId: Uint8Array): number {
    for (; this.#next < this.#count; this.#next++) {
      const [part, index] = this.#placeOf(this.#next);
      const order = compareId(this.#parts[part] as Bytes, reportEntryAt(index), assetId);
      if (order > 0) return -1;
      if (order < 0) continue;
      this.#placed++;
      return this.#next++;
    }
    return -1;
  }

  entry(number: number): ReportEntry {
    const [part, index] = this.#placeOf(number);
    return decodedEntry(this.#parts[part] as Bytes, index);
  }

  get count(): number {
    return this.#count;
  }

  /** Entries on assets that were not this auditor's, or on one asset twice. */
  get misplaced(): number {
    return this.#count - this.#placed;
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
    const parts = report.counts.flatMap((_, part): readonly Bytes[] => {
      const partKey = reportPartKey(epoch, report.auditor, part);
      const bytes = readState(state, tables.reportParts.space, partKey);
      if (bytes === undefined) return [];
      drops.push(posting(tables.reportParts.space, partKey));
      return [bytes];
    });
    const walk = new ReportWalk(parts);
    const lostPass = isComplete(report) && !allProved(report, parts, question);
    if (isComplete(report)) question.tell({ report, walk: lostPass ? noReport : walk, lostPass });
    yield 1 + (walk.count >> 1);
  }
}

/** A report counts when every drawn pass is proved by a transcript (P-3). */
function allProved(report: ReportState, parts: readonly Bytes[], of: ReportsQuestion): boolean {
  return drawnEntries(report, of.drawReveal, of.transcriptsDrawn).every((draw, at) => {
    const part = parts[draw.part];
    const gone = part === undefined || draw.index >= reportPartCount(part);
    return gone || decodedEntry(part, draw.index).passed === 0 || ((report.filed >>> at) & 1) === 1;
  });
}
