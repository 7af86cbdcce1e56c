// Settles an epoch from the frozen state: reads reports and claims, forms outcomes (P-5), pays (section 6), and lists
// what is to be posted. A generator does the walking, so that a block can stop it anywhere; where it stops changes nothing.
// Called by block execution. Reads one immutable state and never writes.
import { sha256 } from "../crypto/index.ts";
import { type AccountId, type Digest, digest, grains, keyOf, minBigint, zeroDigest } from "../primitives/index.ts";
import {
  type AuditOutcome,
  agrees,
  auditEntryPay,
  type Budgets,
  bonusOf,
  budgetsAt,
  committeePay,
  createSettlement,
  groupDigest,
  outcomeOf,
  type Settled,
  type SettleRow,
} from "../rewards/index.ts";
import {
  type AssetState,
  type AuditedEntry,
  chainKey,
  type EpochRecord,
  type EpochState,
  evidenceMax,
  type GroupState,
  numberKey,
  type OperatorState,
  type Parameters,
  type Posting,
  type ReportEntry,
  type ReportState,
  reportEntryCodec,
  tables,
} from "../schema/index.ts";
import { drawnEntries } from "./audit-windows.ts";
import { decodeRecord, eachRecord, readRecord } from "./draft.ts";
import { auditorsOf, createUrn } from "./draws.ts";
import { posting, rootOfPostings } from "./posting-list.ts";
import { type LedgerState, readState } from "./state.ts";
import { claimKey, claimPartsMax } from "./transactions/claim.ts";
import { isComplete, reportPartKey } from "./transactions/report.ts";

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
  /** Does up to `rows` rows; true when all is done. */
  advance(rows: number): boolean;
  result(): EpochOutcome;
}

interface OperatorTally {
  readonly id: AccountId;
  readonly state: OperatorState;
  readonly index: number;
  bonds: bigint;
  expected: number;
  agreed: number;
  accepted: number;
  passSum: number;
  passCount: number;
  lostPass: boolean;
  earned: bigint;
  entries: ReadonlyMap<string, ReportEntry>;
}

interface Work {
  readonly state: LedgerState;
  readonly epoch: number;
  readonly parameters: Parameters;
  readonly tallies: Map<string, OperatorTally>;
  readonly order: OperatorTally[];
  readonly assetPostings: Posting[];
  readonly drops: Posting[];
  /** By row: entries in the order of the draw. */
  readonly audited: (readonly AuditedEntry[])[];
  assigned: number;
}

const noEntries: ReadonlyMap<string, ReportEntry> = new Map();

/** What an auditor's entry looks like among the evidence of an explanation. */
export const entryEvidence = (auditor: AccountId, entry: ReportEntry): Digest =>
  sha256(auditor, reportEntryCodec.root(entry));

function* readOperators(work: Work): Generator<void> {
  for (const [key, state] of eachRecord(work.state, tables.operators)) {
    const id = digest(key.slice()) as Uint8Array as AccountId;
    const start = { expected: 0, agreed: 0, accepted: 0, passSum: 0, passCount: 0, lostPass: false, earned: 0n };
    const tally = { id, state, index: work.order.length, bonds: state.bond as bigint, ...start, entries: noEntries };
    work.tallies.set(keyOf(id), tally);
    work.order.push(tally);
    yield;
  }
}

/** A report counts when all of it is here and every drawn pass is proved by a transcript (P-3). */
function* readReports(work: Work, drawReveal: Digest): Generator<void> {
  for (const [key, report] of eachRecord(work.state, tables.reports)) {
    if (report.epoch !== work.epoch) continue;
    work.drops.push(posting(tables.reports.space, digest(key.slice())));
    const tally = work.tallies.get(keyOf(report.auditor));
    const entries = new Map<string, ReportEntry>();
    const parts = report.counts.map((_, part) => {
      const partKey = reportPartKey(work.epoch, report.auditor, part);
      const bytes = readState(work.state, tables.reportParts.space, partKey);
      if (bytes !== undefined) work.drops.push(posting(tables.reportParts.space, partKey));
      return bytes === undefined ? [] : decodeRecord(tables.reportParts, bytes).entries;
    });
    for (const part of parts) {
      for (const entry of part) {
        const slot = keyOf(entry.assetId);
        if (!entries.has(slot)) entries.set(slot, entry);
        yield;
      }
    }
    if (tally === undefined || !isComplete(report)) continue;
    if (allProved(work, report, { parts, drawReveal })) tally.entries = entries;
    else tally.lostPass = true;
    yield;
  }
}

function allProved(
  work: Work,
  report: ReportState,
  given: { readonly parts: readonly (readonly ReportEntry[])[]; readonly drawReveal: Digest },
): boolean {
  return drawnEntries(report, given.drawReveal, work.parameters.transcriptsDrawn).every((draw, at) => {
    const entry = given.parts[draw.part]?.[draw.index];
    return entry === undefined || entry.passed === 0 || ((report.filed >>> at) & 1) === 1;
  });
}

const activeIn = (asset: AssetState, epoch: number): boolean =>
  asset.activeFromEpoch <= epoch && (asset.retiredEpochs === 0 || asset.retiredEpochs > epoch + 1);

/** What receipts prove of an asset, and their digests (P-4). */
function claimsOf(work: Work, assetKey: Uint8Array): { readonly delivered: bigint; readonly receipts: Digest[] } {
  let delivered = 0n;
  const receipts: Digest[] = [];
  for (let part = 0; part < claimPartsMax; part++) {
    const key = claimKey(work.epoch, assetKey, part);
    const claim = readRecord(work.state, tables.claims, key);
    if (claim === undefined) break;
    work.drops.push(posting(tables.claims.space, key));
    for (const use of claim.uses) {
      delivered += use.counted;
      if (use.counted > 0n) receipts.push(use.receipt);
    }
  }
  return { delivered, receipts };
}

interface Found {
  readonly tally: OperatorTally;
  readonly entry: ReportEntry | undefined;
}

/** R-8 and P-5 for the auditors of one asset: who reported, who stood with the others. */
function tallyAuditors(work: Work, found: readonly Found[], outcome: AuditOutcome): void {
  for (const { tally, entry } of found) {
    tally.expected++;
    if (entry === undefined) continue;
    if (outcome.kind === "measured" && !agrees(entry, outcome, work.parameters.deviationPpm)) continue;
    tally.agreed++;
    tally.accepted++;
  }
}

function* settleRows(work: Work, beacon: Digest): Generator<SettleRow> {
  const { state, epoch, parameters: p } = work;
  const urn = createUrn(readRecord(state, tables.drawTables, numberKey(epoch)) ?? { epoch, entries: [] });
  for (const [key, asset] of eachRecord(state, tables.assets)) {
    const id = digest(key.slice());
    const owner = work.tallies.get(keyOf(asset.owner));
    if (owner === undefined) continue;
    owner.bonds += asset.bond;
    if (!activeIn(asset, epoch)) {
      work.assetPostings.push(posting(tables.assets.space, id));
      continue;
    }
    const assetId = id as Uint8Array as SettleRow["assetId"];
    const draw = { assetId, owner: asset.owner, count: p.auditorsPerAsset, prefixRules: p.prefixRules === 1 };
    const found = auditorsOf(urn, beacon, draw).map((auditor): Found => {
      const tally = work.tallies.get(keyOf(auditor)) as OperatorTally;
      return { tally, entry: tally?.entries.get(keyOf(id)) };
    });
    const present = found.filter((one) => one.tally !== undefined);
    const entries = present.flatMap((one) => (one.entry === undefined ? [] : [one.entry]));
    const outcome = outcomeOf(entries, found.length, { last: asset.outcome, epoch });
    work.assigned += found.length;
    tallyAuditors(work, present, outcome);
    if (outcome.kind === "measured") {
      owner.passSum += outcome.passPpm;
      owner.passCount++;
    }
    work.assetPostings.push(
      posting(tables.assets.space, id, {
        sampled: outcome.kind === "measured",
        measured: outcome.next.measured,
        samplePpm: outcome.next.passPpm,
        group: outcome.next.held ? 1 : 0,
      }),
    );
    const { delivered, receipts } = claimsOf(work, key);
    const audited = present.flatMap(({ tally, entry }) => (entry === undefined ? [] : [{ auditor: tally.id, entry }]));
    const reported = audited.map(({ auditor, entry }) => entryEvidence(auditor, entry));
    work.audited.push(audited);
    const ownerEntry = urn.entries[urn.indexOf.get(keyOf(asset.owner)) ?? -1];
    yield {
      assetId,
      owner: asset.owner,
      beneficiary: owner.state.withdrawal,
      operator: owner.index,
      kind: asset.terms.kind,
      cell: asset.terms.cell,
      prefix: outcome.confirmed && ownerEntry !== undefined ? ownerEntry.prefix : new Uint8Array(5),
      assigned: found.length,
      last: asset.outcome,
      units: asset.terms.units,
      measured: minBigint(outcome.measured, asset.terms.units),
      delivered,
      passPpm: outcome.passPpm,
      bonusPpm: bonusOf(asset.terms.energy, p),
      bond: asset.bond,
      evidence: [...reported, ...receipts].slice(0, evidenceMax),
    };
  }
}

/** Pay of seats and auditors, added to what operators earned; the sums paid. */
function payDuties(
  work: Work,
  epochState: EpochState,
  budgets: Budgets,
): { readonly audits: bigint; readonly committee: bigint } {
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
  return { audits, committee };
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
  return posting(tables.operators.space, digest(tally.id), {
    amount: grains(tally.earned),
    to: tally.state.withdrawal,
    slashPpm: tally.lostPass ? p.slashLostPassPpm : 0,
    samplePpm: sample ?? 0,
    sampled: sample !== undefined,
  });
};

export const groupStateKey = (kind: number, group: number, key: bigint): Digest =>
  sha256(Uint8Array.of(kind, group), groupDigest(key));

function* listPostings(work: Work, settled: Settled): Generator<Posting> {
  for (const tally of work.order) yield operatorPosting(tally, work.parameters);
  yield* work.assetPostings;
  for (const { kind, group, key, demand, supply } of settled.groups) {
    yield posting(tables.groups.space, groupDigest(key), { kind, group, measured: demand, supply });
  }
  yield* work.drops;
}

function* run(work: Work): Generator<void, EpochOutcome> {
  const { state, epoch, parameters: p } = work;
  const own = readRecord(state, tables.epochs, numberKey(epoch)) as EpochState;
  const drawReveal = readRecord(state, tables.epochs, numberKey(epoch + 1))?.drawReveal ?? zeroDigest;
  const budgets = budgetsAt(epoch, p);
  yield* readOperators(work);
  yield* readReports(work, drawReveal);
  const chain = readRecord(state, tables.chain, chainKey);
  const bonds: bigint[] = [];
  const groups = Array.from(eachRecord(state, tables.groups), ([, group]) => groupAverage(group));
  const kinds = chain?.kinds ?? [];
  const settlement = createSettlement({
    epoch,
    parameters: p,
    budgets,
    kinds,
    groups,
    bonds,
    rows: settleRows(work, own.beacon),
  });
  // The bonds by operator are summed while the rows are read, and looked at after the last of them.
  while (!settlement.advance(1)) yield;
  for (const tally of work.order) bonds.push(tally.bonds);
  const settled = settlement.result();
  for (const [index, leaf] of settled.leaves.entries()) {
    (work.tallies.get(keyOf(leaf.owner)) as OperatorTally).earned += leaf.reward;
    if (index % 8 === 0) yield;
  }
  const duties = payDuties(work, own, budgets);
  const postings: Posting[] = [];
  const postingsRoot = yield* rootOfPostings(listPostings(work, settled), postings);
  const unpaid = budgets.committee - duties.committee + budgets.audits - duties.audits;
  const record = {
    epoch,
    emission: grains(budgets.emission),
    kinds: settled.kinds.slice(),
    auditPay: grains(duties.audits),
    committeePay: grains(duties.committee),
    treasury: grains(budgets.treasury + unpaid),
    rewardsRoot: settled.rewardsRoot,
    rewardsCount: settled.leaves.length,
    postingsRoot,
    postingsCount: postings.length,
    concentration: settled.concentration,
  };
  return { record, settled, postings, audited: (index) => work.audited[index] ?? [] };
}

const groupAverage = ({ kind, group, key, demand, supply }: GroupState) => ({
  kind,
  group,
  key: keyNumber(key),
  demand,
  supply,
});
const keyNumber = (key: Uint8Array): bigint => {
  let value = 0n;
  for (const byte of key) value = (value << 8n) | BigInt(byte);
  return value;
};

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
    audited: [],
    assigned: 0,
  };
  const steps = run(work);
  let outcome: EpochOutcome | undefined;
  const step = (): boolean => {
    if (outcome !== undefined) return true;
    const next = steps.next();
    if (next.done === true) outcome = next.value;
    return outcome !== undefined;
  };
  return {
    epoch,
    advance(rows) {
      for (let done = 0; done < rows; done++) if (step()) return true;
      return outcome !== undefined;
    },
    result() {
      while (!step());
      return outcome as EpochOutcome;
    },
  };
}
