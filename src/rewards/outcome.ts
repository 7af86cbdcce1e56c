// What the auditors' entries say of an asset together (P-5): lower medians, and what holds when too few reported.
import type { Outcome } from "../schema/index.ts";

export interface AuditEntry {
  readonly measured: bigint;
  readonly passed: number;
  readonly attempted: number;
  readonly direct: boolean;
}

export interface AuditOutcome {
  readonly measured: bigint;
  /** As it is paid: halved where the last outcome stands in. */
  readonly passPpm: number;
  /** Most auditors reached it at its prefix. */
  readonly confirmed: boolean;
  /** What the asset remembers. */
  readonly next: Outcome;
  readonly kind: "measured" | "held" | "unmeasured";
}

export const noOutcome: Outcome = { measured: 0n, passPpm: 0, measuredEpochs: 0, held: false };

export const entryPassPpm = (entry: { readonly passed: number; readonly attempted: number }): number =>
  entry.attempted === 0 ? 0 : Math.floor((Math.min(entry.passed, entry.attempted) * 1_000_000) / entry.attempted);

// The lower median of a non-empty list of at most a few dozen values, which it sorts. Written once for each type: where a
// comparison meets both, it is several times as slow.
function lowerMedianBigint(values: bigint[]): bigint {
  for (let index = 1; index < values.length; index++) {
    const value = values[index] as bigint;
    let at = index;
    for (; at > 0 && (values[at - 1] as bigint) > value; at--) values[at] = values[at - 1] as bigint;
    values[at] = value;
  }
  return values[(values.length - 1) >> 1] as bigint;
}

function lowerMedianNumber(values: number[]): number {
  for (let index = 1; index < values.length; index++) {
    const value = values[index] as number;
    let at = index;
    for (; at > 0 && (values[at - 1] as number) > value; at--) values[at] = values[at - 1] as number;
    values[at] = value;
  }
  return values[(values.length - 1) >> 1] as number;
}

/** P-5 for an asset with `assigned` auditors of whom `entries` reported, in epoch `epoch`. */
export function outcomeOf(
  entries: readonly AuditEntry[],
  assigned: number,
  past: { readonly last: Outcome; readonly epoch: number },
): AuditOutcome {
  const { last } = past;
  let direct = 0;
  for (const entry of entries) if (entry.direct) direct++;
  const confirmed = direct * 2 > assigned;
  if (assigned > 0 && entries.length >= (assigned >> 1) + 1) {
    const measured: bigint[] = [];
    const passes: number[] = [];
    for (const entry of entries) {
      measured.push(entry.measured);
      passes.push(entryPassPpm(entry));
    }
    for (let missing = entries.length; missing < assigned; missing++) {
      measured.push(last.measured);
      passes.push(last.passPpm);
    }
    const next = {
      measured: lowerMedianBigint(measured),
      passPpm: lowerMedianNumber(passes),
      measuredEpochs: past.epoch + 1,
      held: false,
    };
    return { measured: next.measured, passPpm: next.passPpm, confirmed, next, kind: "measured" };
  }
  if (last.measuredEpochs > 0 && !last.held) {
    return {
      measured: last.measured,
      passPpm: last.passPpm >> 1,
      confirmed,
      next: { ...last, held: true },
      kind: "held",
    };
  }
  return { measured: 0n, passPpm: 0, confirmed: false, next: last, kind: "unmeasured" };
}

/** Whether an entry stands within the tolerated distance of the outcome: else it counts against its auditor. */
export function agrees(entry: AuditEntry, outcome: AuditOutcome, deviationPpm: number): boolean {
  const near = (a: bigint, b: bigint): boolean => (a > b ? a - b : b - a) * 1_000_000n <= BigInt(deviationPpm) * b;
  return near(entry.measured, outcome.measured) && Math.abs(entryPassPpm(entry) - outcome.passPpm) <= deviationPpm;
}
