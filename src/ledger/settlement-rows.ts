// The assets of an epoch as the reward rule wants them: who was drawn to audit each, what they reported (P-5), what
// receipts prove, and the owner behind it. Walks one immutable state in the order of asset ids; keeps tallies by operator.
import { type AccountId, type Digest, digest, keyOf, minBigint } from "../primitives/index.ts";
import { type AuditOutcome, agrees, bonusOf, outcomeOf, type SettleRow } from "../rewards/index.ts";
import {
  type AssetState,
  type AuditedEntry,
  numberKey,
  type OperatorState,
  type Parameters,
  type Posting,
  type ReportEntry,
  tables,
} from "../schema/index.ts";
import type { AuditedRows } from "./audited-rows.ts";
import { eachRecord, readRecord } from "./draft.ts";
import { auditDraw, createUrn, type DrawUrn } from "./draws.ts";
import { posting } from "./posting-list.ts";
import { auditorsCount, type JudgedAsset } from "./settlement-appeals.ts";
import type { ReportWalk } from "./settlement-reports.ts";
import type { LedgerState } from "./state.ts";
import { activeIn } from "./transactions/asset.ts";
import { claimKey, claimPartsMax } from "./transactions/claim.ts";

export interface OperatorTally {
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
  walk: ReportWalk;
}

export interface Work {
  readonly state: LedgerState;
  readonly epoch: number;
  readonly parameters: Parameters;
  readonly tallies: Map<string, OperatorTally>;
  readonly order: OperatorTally[];
  readonly assetPostings: Posting[];
  readonly drops: Posting[];
  readonly audited: AuditedRows;
  assigned: number;
  /** Whether there are appeals at all; then what was found of each asset. */
  readonly appealed: boolean;
  readonly judged: Map<string, JudgedAsset>;
}

/** Audited in good faith, though retired or changed since: its entries are in their place, and count for nothing. */
const auditedBefore = (asset: AssetState, epoch: number): boolean =>
  asset.registeredEpoch + 2 <= epoch && (asset.retiredEpochs === 0 || asset.retiredEpochs > epoch);

/** All claims are let go, also of assets that are not paid: changed since, retired, or gone. Answers the cost of each step. */
export function* dropClaims(work: Pick<Work, "state" | "epoch" | "drops">): Generator<number> {
  for (const [key, claim] of eachRecord(work.state, tables.claims)) {
    if (claim.epoch <= work.epoch) work.drops.push(posting(tables.claims.space, digest(key.slice())));
    yield 1 + (claim.uses.length >> 1);
  }
}

/** What receipts prove of an asset, and their digests (P-4). */
function claimsOf(work: Work, assetKey: Uint8Array): { readonly delivered: bigint; readonly receipts: Digest[] } {
  let delivered = 0n;
  const receipts: Digest[] = [];
  for (let part = 0; part < claimPartsMax; part++) {
    const key = claimKey(work.epoch, assetKey, part);
    const claim = readRecord(work.state, tables.claims, key);
    if (claim === undefined) break;
    for (const use of claim.uses) {
      delivered += use.counted;
      if (use.counted > 0n) receipts.push(use.receipt);
    }
  }
  return { delivered, receipts };
}

interface Found {
  /** In the draw. */
  readonly place: number;
  readonly tally: OperatorTally;
  /** Its number in the report, and what it says. */
  readonly number: number;
  readonly entry: ReportEntry | undefined;
}

/** A row, and the entries behind it in the order of the draw. */
export interface AuditedRow {
  readonly row: SettleRow;
  readonly audited: readonly AuditedEntry[];
}

/** R-8 and P-5 for the auditors of one asset: who reported, who stood with the others. The latter, a bit for each place. */
function tallyAuditors(work: Work, found: readonly Found[], outcome: AuditOutcome): bigint {
  let stood = 0n;
  for (const { place, tally, entry } of found) {
    tally.expected++;
    if (entry === undefined) continue;
    if (outcome.kind === "measured" && !agrees(entry, outcome, work.parameters.deviationPpm)) continue;
    tally.agreed++;
    tally.accepted++;
    stood |= 1n << BigInt(place);
  }
  return stood;
}

export interface Draws {
  readonly urn: DrawUrn;
  /** The tally of an entry of the urn; none when the operator is gone. */
  readonly tallies: readonly (OperatorTally | undefined)[];
  readonly draw: ReturnType<typeof auditDraw>;
}

export function drawsOf(work: Work, beacon: Digest): Draws {
  const { parameters: p, epoch } = work;
  const urn = createUrn(readRecord(work.state, tables.drawTables, numberKey(epoch)) ?? { epoch, entries: [] });
  const tallies = urn.entries.map(({ operator }) => work.tallies.get(keyOf(operator)));
  return {
    urn,
    tallies,
    draw: auditDraw(urn, beacon, { count: p.auditorsPerAsset, prefixRules: p.prefixRules === 1 }),
  };
}

const prefixUnknown = new Uint8Array(5);

export function* settleRows(work: Work, draws: Draws): Generator<AuditedRow | undefined> {
  const { epoch } = work;
  for (const [key, asset] of eachRecord(work.state, tables.assets)) {
    const id = digest(key.slice());
    const owner = work.tallies.get(keyOf(asset.owner));
    if (owner === undefined) continue;
    owner.bonds += asset.bond;
    const assetId = id as Uint8Array as SettleRow["assetId"];
    const active = activeIn(asset, epoch);
    const drawn =
      active || auditedBefore(asset, epoch)
        ? draws.draw({ assetId, owner: asset.owner }, auditorsCount(work.state, epoch, id, work.parameters))
        : [];
    const found = drawn.flatMap((index, place): Found[] => {
      const tally = draws.tallies[index];
      if (tally === undefined) return [];
      const number = tally.walk.take(id);
      return [{ place, tally, number, entry: number < 0 ? undefined : tally.walk.entry(number) }];
    });
    if (active) yield rowOf(work, { assetId, asset, owner, found, assigned: drawn.length, draws });
    else {
      work.assetPostings.push(posting(tables.assets.space, id));
      yield undefined;
    }
  }
}

/** P-5 for one active asset, and what its reward is worked out from. */
function rowOf(
  work: Work,
  of: {
    readonly assetId: SettleRow["assetId"];
    readonly asset: AssetState;
    readonly owner: OperatorTally;
    readonly found: readonly Found[];
    readonly assigned: number;
    readonly draws: Draws;
  },
): AuditedRow {
  const { assetId, asset, owner, found, assigned, draws } = of;
  const audited = found.flatMap(({ tally, entry }) => (entry === undefined ? [] : [{ auditor: tally.id, entry }]));
  const entries = audited.map(({ entry }) => entry);
  const outcome = outcomeOf(entries, assigned, { last: asset.outcome, epoch: work.epoch });
  work.assigned += assigned;
  work.audited.push(
    found.filter(({ number }) => number >= 0).map(({ tally, number }) => ({ auditor: tally.index, entry: number })),
  );
  const stood = tallyAuditors(work, found, outcome);
  if (work.appealed) work.judged.set(keyOf(assetId), { outcome, stood });
  if (outcome.kind === "measured") {
    owner.passSum += outcome.passPpm;
    owner.passCount++;
  }
  work.assetPostings.push(
    posting(tables.assets.space, digest(assetId), {
      sampled: outcome.kind === "measured",
      measured: outcome.next.measured,
      samplePpm: outcome.next.passPpm,
      group: outcome.next.held ? 1 : 0,
    }),
  );
  const { delivered, receipts } = claimsOf(work, assetId);
  const ownerEntry = outcome.confirmed ? draws.urn.entries[draws.urn.indexOf.get(keyOf(asset.owner)) ?? -1] : undefined;
  const row = {
    assetId,
    owner: owner.id,
    beneficiary: owner.state.withdrawal,
    operator: owner.index,
    kind: asset.terms.kind,
    cell: asset.terms.cell,
    prefix: ownerEntry?.prefix ?? prefixUnknown,
    assigned,
    last: asset.outcome,
    units: asset.terms.units,
    measured: minBigint(outcome.measured, asset.terms.units),
    delivered,
    passPpm: outcome.passPpm,
    bonusPpm: bonusOf(asset.terms.energy, work.parameters),
    bond: asset.bond,
    evidence: receipts,
  };
  return { row, audited };
}
