// What settlement does for appeals (P-6). In the settlement of the appealed epoch: note the outcome and who stood for it. In
// that of the epoch of the larger draw: compare. The asset is found to be better than it was judged when the new outcome's
// work is above the old one's by more than the tolerated deviation; then the deposit goes back, and whoever stood for the old
// outcome gives up the pay of an entry. Otherwise the deposit goes to the treasury. An outcome says nothing when too few
// reported or the asset is gone: then the deposit goes back and nobody pays.
import type { AuditOutcome } from "../rewards/index.ts";
import { type AppealState, type Parameters, type Posting, tables } from "../schema/index.ts";
import { eachRecord, readRecord } from "./draft.ts";
import { posting } from "./posting-list.ts";
import { type LedgerState, recordsCount } from "./state.ts";
import { appealKey, reauditDistance } from "./transactions/appeal.ts";

/** What a posting of an appeal does, in its field `kind`. */
export const appealSteps = { record: 0, upheld: 1, rejected: 2, void: 3 } as const;

/** How many auditors are drawn for an asset in an epoch: more when an appeal has it audited again. */
export function auditorsCount(state: LedgerState, epoch: number, assetId: Uint8Array, p: Parameters): number {
  if (recordsCount(state, tables.appeals.space) === 0) return p.auditorsPerAsset;
  const appealed = readRecord(state, tables.appeals, appealKey(epoch - reauditDistance, assetId));
  return appealed === undefined ? p.auditorsPerAsset : p.appealAuditors;
}

const workOf = (outcome: { readonly measured: bigint; readonly passPpm: number }): bigint =>
  outcome.measured * BigInt(outcome.passPpm);

function judged(appeal: AppealState, outcome: AuditOutcome | undefined, deviationPpm: number): number {
  if (outcome?.kind !== "measured" || !appeal.recorded) return appealSteps.void;
  const tolerated = workOf(appeal) * BigInt(1_000_000 + deviationPpm);
  return workOf(outcome) * 1_000_000n > tolerated ? appealSteps.upheld : appealSteps.rejected;
}

export interface JudgedAsset {
  readonly outcome: AuditOutcome;
  /** Auditors whose entry was accepted, by their place in the draw. */
  readonly stood: bigint;
}

/** Postings for the appeals that `epoch` settles or prepares. `outcomes` answers what it found of an asset. */
export function* appealPostings(
  of: {
    readonly state: LedgerState;
    readonly epoch: number;
    readonly parameters: Parameters;
    readonly entryPay: bigint;
  },
  outcomes: (assetId: Uint8Array) => JudgedAsset | undefined,
): Generator<Posting> {
  for (const [, appeal] of eachRecord(of.state, tables.appeals)) {
    const key = appealKey(appeal.epoch, appeal.assetId);
    const found = outcomes(appeal.assetId);
    if (appeal.epoch === of.epoch && found !== undefined) {
      const { measured, passPpm } = found.outcome;
      const rest = { kind: appealSteps.record, measured, samplePpm: passPpm, supply: found.stood };
      yield posting(tables.appeals.space, key, rest);
    }
    if (appeal.epoch + reauditDistance === of.epoch) {
      const kind = judged(appeal, found?.outcome, of.parameters.deviationPpm);
      yield posting(tables.appeals.space, key, { kind, measured: of.entryPay });
    }
  }
}
