// Settles an epoch from the frozen state: reads reports and claims, forms outcomes (P-5), pays (section 6), and lists
// what is to be posted. A generator does the walking, so that a block can stop it anywhere; where it stops changes nothing.
// Each step answers its cost, by which blocks are filled alike. Called by block execution; never writes.

import { sha256 } from "../crypto/index.ts";
import { type AccountId, type Digest, digest, fromBigEndian, grains, keyOf, zeroDigest } from "../primitives/index.ts";
import {
  auditEntryPay,
  type Budgets,
  budgetsAt,
  committeePay,
  createSettlement,
  type GroupAverage,
  groupDigest,
  type Settled,
  type Settlement,
} from "../rewards/index.ts";
import {
  type AuditedEntry,
  chainKey,
  type EpochRecord,
  type EpochState,
  evidenceMax,
  type GroupState,
  numberKey,
  type Parameters,
  type Posting,
  tables,
} from "../schema/index.ts";
import { AuditedRows } from "./audited-rows.ts";
import { eachRecord, readRecord } from "./draft.ts";
import { entriesEvidence } from "./entry-evidence.ts";
import { posting, rootOfPostings } from "./posting-list.ts";
import { appealPostings } from "./settlement-appeals.ts";
import { noReport, readReports } from "./settlement-reports.ts";
import {
  type AuditedRow,
  type Draws,
  drawsOf,
  dropClaims,
  type OperatorTally,
  settleRows,
  type Work,
} from "./settlement-rows.ts";
import { type LedgerState, recordsCount } from "./state.ts";

export interface EpochOutcome {
  /** All of the record but what only the closing block knows. */
  readonly record: Omit<EpochRecord, "beacon" | "committeeRoot">;
  readonly settled: Settled;
  readonly postings: readonly Posting[];
  /** The entries behind the outcome of the leaf at `index`, as its explanation's evidence lists them. */
  audited(index: number): readonly AuditedEntry[];
}

export interface EpochSettlement {
  readonly epoch: number;
  /** Works until `cost` is spent; true when all is done. */
  advance(cost: number): boolean;
  result(): EpochOutcome;
}

/** What steps cost beside one another, in units of about 3 microseconds. */
export const settleCosts = { operator: 2, entry: 1, asset: 16, row: 16, group: 2, posting: 2 } as const;

function* readOperators(work: Work): Generator<number> {
  for (const [key, state] of eachRecord(work.state, tables.operators)) {
    const id = digest(key.slice()) as Uint8Array as AccountId;
    const start = { expected: 0, agreed: 0, accepted: 0, passSum: 0, passCount: 0, lostPass: false, earned: 0n };
    const tally = { id, state, index: work.order.length, bonds: state.bond as bigint, ...start, walk: noReport };
    work.tallies.set(keyOf(id), tally);
    work.order.push(tally);
    yield settleCosts.operator;
  }
}

/** A report with entries that were not its auditor's to make earns nothing (P-3); its bond pays in `operatorPosting`. */
function* judgeReports(work: Work): Generator<number> {
  for (const tally of work.order) {
    if (tally.walk.misplaced === 0) continue;
    tally.expected = Math.max(1, tally.expected);
    tally.agreed = 0;
    tally.accepted = 0;
    yield settleCosts.operator;
  }
}

/** Pay of seats and auditors, added to what operators earned; the sums paid. */
function payDuties(
  work: Work,
  epochState: EpochState,
  budgets: Budgets,
): { readonly audits: bigint; readonly committee: bigint; readonly entryPay: bigint } {
  const p = work.parameters;
  const entryPay = auditEntryPay(budgets.audits, work.assigned, p.auditEntriesFloor);
  let audits = 0n;
  for (const tally of work.order) {
    const pay = entryPay * BigInt(tally.accepted);
    tally.earned += pay;
    audits += pay;
  }
  const seats =
    readRecord(work.state, tables.committees, numberKey(Math.floor(work.epoch / p.termEpochs)))?.seats ?? [];
  let committee = 0n;
  for (const [seat, pay] of committeePay(budgets.committee, epochState, p).entries()) {
    const operator = seats[seat]?.operator;
    const tally = operator === undefined ? undefined : work.tallies.get(keyOf(operator));
    if (tally === undefined) continue;
    tally.earned += pay;
    committee += pay;
  }
  return { audits, committee, entryPay };
}

/** P-5, section 10: an operator's service this epoch, as provider and as auditor. */
function sampleOf(tally: OperatorTally): number | undefined {
  const samples: number[] = [];
  if (tally.passCount > 0) samples.push(Math.floor(tally.passSum / tally.passCount));
  if (tally.expected > 0) samples.push(Math.floor((tally.agreed * 1_000_000) / tally.expected));
  if (samples.length === 0) return undefined;
  return Math.floor(samples.reduce((sum, value) => sum + value, 0) / samples.length);
}

const operatorPosting = (tally: OperatorTally, p: Parameters): Posting => {
  const sample = sampleOf(tally);
  const slashed = (tally.lostPass ? p.slashLostPassPpm : 0) + (tally.walk.misplaced > 0 ? p.slashFalseReportPpm : 0);
  return posting(tables.operators.space, digest(tally.id), {
    amount: grains(tally.earned),
    to: tally.state.withdrawal,
    slashPpm: Math.min(1_000_000, slashed),
    samplePpm: sample ?? 0,
    sampled: sample !== undefined,
  });
};

export const groupStateKey = (kind: number, group: number, key: bigint): Digest =>
  sha256(Uint8Array.of(kind, group), groupDigest(key));

function* listPostings(work: Work, settled: Settled, entryPay: bigint): Generator<Posting> {
  for (const tally of work.order) yield operatorPosting(tally, work.parameters);
  yield* work.assetPostings;
  for (const { kind, group, key, demand, supply } of settled.groups) {
    yield posting(tables.groups.space, groupDigest(key), { kind, group, measured: demand, supply });
  }
  const { state, epoch, parameters } = work;
  yield* appealPostings({ state, epoch, parameters, entryPay }, (assetId) => work.judged.get(keyOf(assetId)));
  yield* work.drops;
}

/** Rows whose evidence is hashed together. */
const evidenceBatch = 64;

/** Adds rows with the digests of their audit entries before those of the receipts. */
function addRows(settlement: Settlement, rows: readonly AuditedRow[]): void {
  const hashed = entriesEvidence(rows.flatMap(({ audited }) => audited));
  let at = 0;
  for (const { row, audited } of rows) {
    const own = hashed.slice(at, at + audited.length);
    at += own.length;
    settlement.add({ ...row, evidence: own.concat(row.evidence).slice(0, evidenceMax) });
  }
}

/** Carries out the reward rule over the assets; the owners' earnings are added up. */
function* settle(work: Work, draws: Draws, budgets: Budgets): Generator<number, Settled> {
  const { state, epoch, parameters } = work;
  const bonds: bigint[] = [];
  const groups: GroupAverage[] = [];
  for (const [, group] of eachRecord(state, tables.groups)) {
    groups.push(groupAverage(group));
    yield settleCosts.group;
  }
  const kinds = readRecord(state, tables.chain, chainKey)?.kinds ?? [];
  const settlement = createSettlement({ epoch, parameters, budgets, kinds, groups, bonds });
  const batch: AuditedRow[] = [];
  for (const row of settleRows(work, draws)) {
    if (row !== undefined) batch.push(row);
    if (batch.length >= evidenceBatch) addRows(settlement, batch.splice(0));
    yield settleCosts.asset;
  }
  addRows(settlement, batch);
  // The bonds by operator were summed while the assets were read; they are looked at after the last row.
  for (const tally of work.order) bonds.push(tally.bonds);
  while (!settlement.advance(1)) yield settlement.paying ? settleCosts.row : settleCosts.group;
  const settled = settlement.result();
  for (const tally of work.order) tally.earned += settled.earned(tally.index);
  return settled;
}

const auditedOf = (work: Work, row: number): readonly AuditedEntry[] =>
  work.audited.at(row).map(({ auditor, entry }) => {
    const { id, walk } = work.order[auditor] as OperatorTally;
    return { auditor: id, entry: walk.entry(entry) };
  });

function* run(work: Work): Generator<number, EpochOutcome> {
  const { state, epoch, parameters: p } = work;
  const own = readRecord(state, tables.epochs, numberKey(epoch)) as EpochState;
  const drawReveal = readRecord(state, tables.epochs, numberKey(epoch + 1))?.drawReveal ?? zeroDigest;
  const budgets = budgetsAt(epoch, p);
  yield* readOperators(work);
  yield* readReports({
    state,
    epoch,
    drawReveal,
    transcriptsDrawn: p.transcriptsDrawn,
    drops: work.drops,
    tell({ report, walk, lostPass }) {
      const tally = work.tallies.get(keyOf(report.auditor));
      if (tally !== undefined) Object.assign(tally, { walk, lostPass });
    },
  });
  yield* dropClaims(work);
  const settled = yield* settle(work, drawsOf(work, own.beacon), budgets);
  yield* judgeReports(work);
  const duties = payDuties(work, own, budgets);
  const postings: Posting[] = [];
  const postingsRoot = yield* rootOfPostings(
    listPostings(work, settled, duties.entryPay),
    postings,
    settleCosts.posting,
  );
  const unpaid = budgets.committee - duties.committee + budgets.audits - duties.audits;
  const record = {
    epoch,
    emission: grains(budgets.emission),
    kinds: settled.kinds.slice(),
    auditPay: grains(duties.audits),
    committeePay: grains(duties.committee),
    treasury: grains(budgets.treasury + unpaid),
    rewardsRoot: settled.rewardsRoot,
    rewardsCount: settled.count,
    postingsRoot,
    postingsCount: postings.length,
    concentration: settled.concentration,
  };
  return { record, settled, postings, audited: (index) => auditedOf(work, index) };
}

const groupAverage = ({ kind, group, key, demand, supply }: GroupState) => ({
  kind,
  group,
  key: fromBigEndian(key),
  demand,
  supply,
});

/** The settlement of `epoch` from the state in which its inputs are frozen. */
export function createEpochSettlement(state: LedgerState, epoch: number, parameters: Parameters): EpochSettlement {
  const work: Work = {
    state,
    epoch,
    parameters,
    tallies: new Map(),
    order: [],
    assetPostings: [],
    drops: [],
    audited: new AuditedRows(),
    assigned: 0,
    appealed: recordsCount(state, tables.appeals.space) > 0,
    judged: new Map(),
  };
  const steps = run(work);
  let outcome: EpochOutcome | undefined;
  /** The cost of one step, or zero at the end. */
  const step = (): number => {
    if (outcome !== undefined) return 0;
    const next = steps.next();
    if (next.done !== true) return next.value;
    outcome = next.value;
    return 0;
  };
  return {
    epoch,
    advance(cost) {
      for (let spent = 0; spent < cost && outcome === undefined; ) spent += step();
      return outcome !== undefined;
    },
    result() {
      while (outcome === undefined) step();
      return outcome;
    },
  };
}
