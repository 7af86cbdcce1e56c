// Assets settled a second from a frozen state, everything included: reading records, draws of auditors, reports, outcomes,
// pay, explanations with their evidence, postings, at testnet's parameters; what a block spends, and the longest slice
// of it, between which the event loop goes on.
// Against the rule alone over as many rows (`settle`).
import "../../src/native/hasher.ts";

import { sha256 } from "../../src/crypto/index.ts";
import { auditDraw, createUrn } from "../../src/ledger/draws.ts";
import { settleCostNow } from "../../src/ledger/execute-block.ts";
import {
  applyChanges,
  createDraft,
  createEpochSettlement,
  emptyState,
  type LedgerState,
  newEpoch,
} from "../../src/ledger/index.ts";
import { newOperator } from "../../src/ledger/transactions/operator.ts";
import { reportKey, reportPartKey } from "../../src/ledger/transactions/report.ts";
import {
  type AccountId,
  type AssetId,
  bigEndian,
  cellAt,
  digest,
  fair,
  keyOf,
  utf8ToBytes,
  zeroDigest,
} from "../../src/primitives/index.ts";
import { budgetsAt, capScaleMax, createSettlement, noOutcome, type SettleRow } from "../../src/rewards/index.ts";
import { settleSlice } from "../../src/runtime/application/executor.ts";
import { chainKey, type DrawEntry, numberKey, parametersOf, type ReportEntry, tables } from "../../src/schema/index.ts";
import { alternate, type BenchResult, cpuMs, memoryMb } from "./measure.ts";

export const title = "assets settled a second from the ledger's records, against the rule alone";

const p = parametersOf("testnet");
const operators = 1000;
const assets = Number(process.env.FAIRMESH_BENCH_ASSETS ?? 20_000);
const epoch = 5;

const id = (label: string, at: number) => sha256(utf8ToBytes(label), bigEndian(at));

/** A state in which `epoch` is over, audited and reported. */
function frozenState(): LedgerState {
  const draft = createDraft(emptyState);
  const ids = Array.from({ length: operators }, (_, at) => id("operator", at) as Uint8Array as AccountId);
  const beacon = id("beacon", 0);
  for (const operator of ids) {
    const prefix = Uint8Array.of(4, operator[0] as number, operator[1] as number, operator[2] as number, 0);
    const commitments = { beaconCommitment: beacon, auditorCommitment: beacon, chainLength: p.beaconChainMin };
    const state = { withdrawal: operator, bond: fair(1000), ...commitments, activeFromEpoch: 0, scorePpm: 500_000 };
    draft.write(tables.operators, operator, { ...newOperator(state), prefix });
  }
  const entries = ids
    .map(
      (operator): DrawEntry => ({
        operator,
        weight: fair(500),
        prefix: Uint8Array.of(4, operator[0] as number, operator[1] as number, operator[2] as number, 0),
      }),
    )
    .sort((a, b) => (keyOf(a.operator) < keyOf(b.operator) ? -1 : 1));
  const urn = createUrn({ epoch, entries });
  const draw = auditDraw(urn, beacon, { count: p.auditorsPerAsset, prefixRules: true });
  draft.write(tables.drawTables, numberKey(epoch), { epoch, entries });
  draft.write(tables.epochs, numberKey(epoch), newEpoch(epoch, beacon));
  draft.write(tables.epochs, numberKey(epoch + 1), { ...newEpoch(epoch + 1, beacon), drawReveal: id("reveal", 0) });
  const byAuditor = new Map<string, ReportEntry[]>(ids.map((one) => [keyOf(one), []]));
  for (let at = 0; at < assets; at++) {
    const assetId = id("asset", at) as Uint8Array as AssetId;
    const owner = ids[at % operators] as AccountId;
    const terms = {
      ...tables.assets.codec.empty().terms,
      kind: at % 2,
      units: 64n,
      cell: cellAt((at % 120) - 60, at % 300),
    };
    const facts = { owner, terms, bond: fair(50), registeredEpoch: 0, activeFromEpoch: 2, status: 0, retiredEpochs: 0 };
    draft.write(tables.assets, assetId, { ...facts, outcome: noOutcome, unbonding: [] });
    for (const index of draw({ assetId, owner })) {
      const auditor = entries[index]?.operator as AccountId;
      const entry = { assetId, passed: 2, attempted: 2, measured: BigInt(60 + (at % 5)), latencyMs: 5, direct: true };
      byAuditor.get(keyOf(auditor))?.push({ ...entry, transcriptsRoot: zeroDigest });
    }
  }
  for (const auditor of ids) {
    const entries = (byAuditor.get(keyOf(auditor)) as ReportEntry[]).sort((a, b) =>
      keyOf(a.assetId) < keyOf(b.assetId) ? -1 : 1,
    );
    const head = { epoch, auditor, commitment: zeroDigest, parts: 1, revealed: 1, filed: 0xff, secret: zeroDigest };
    draft.write(tables.reports, reportKey(epoch, auditor), { ...head, counts: [entries.length] });
    draft.write(tables.reportParts, reportPartKey(epoch, auditor, 0), { entries });
  }
  const kinds = Array.from({ length: 6 }, (_, kind) => ({
    kind,
    capScalePpm: capScaleMax,
    steppedEpoch: 0,
    reserve: fair(0),
  }));
  draft.write(tables.chain, chainKey, { ...tables.chain.codec.empty(), kinds });
  return applyChanges(emptyState, draft.changes());
}

function spread(values: number[]): { readonly median: number; readonly longest: number } {
  values.sort((a, b) => a - b);
  return { median: Math.round(values[values.length >> 1] as number), longest: Math.round(values.at(-1) as number) };
}

export async function run(): Promise<BenchResult> {
  const state = frozenState();
  const costPerBlock = settleCostNow(state, p);
  const shares: number[] = [];
  const slices: number[] = [];
  let blocks = 0;
  const perSecond = (ms: number): number => Math.round((assets * 1000) / ms);
  const ours = async (): Promise<number> => {
    const settlement = createEpochSettlement(state, epoch, p);
    let total = 0;
    blocks = 0;
    for (let done = false; !done; blocks++) {
      let share = 0;
      for (let left = costPerBlock; left > 0 && !done; left -= settleSlice) {
        const ms = cpuMs(() => {
          done = settlement.advance(Math.min(left, settleSlice));
        });
        slices.push(ms);
        share += ms;
      }
      shares.push(share);
      total += share;
    }
    const { record } = settlement.result();
    if (record.rewardsCount !== assets || record.kinds[0]?.paid === 0n) throw new Error("nothing was settled");
    return perSecond(total);
  };
  const rows = Array.from({ length: assets }, (_, at): SettleRow => {
    const owner = id("operator", at % operators) as Uint8Array as AccountId;
    const place = { cell: cellAt((at % 120) - 60, at % 300), prefix: Uint8Array.of(4, at & 255, (at >> 8) & 3, 0, 0) };
    const measured = {
      assigned: 5,
      last: noOutcome,
      units: 64n,
      measured: 60n,
      delivered: 0n,
      passPpm: 1_000_000,
      bonusPpm: 0,
    };
    const who = {
      assetId: id("asset", at) as Uint8Array as AssetId,
      owner,
      beneficiary: owner,
      operator: at % operators,
    };
    return { ...who, kind: at % 2, ...place, ...measured, bond: fair(50), evidence: [] };
  });
  const baseline = async (): Promise<number> => {
    const kinds = Array.from({ length: 6 }, (_, kind) => ({
      kind,
      capScalePpm: capScaleMax,
      steppedEpoch: 0,
      reserve: fair(0),
    }));
    const head = {
      epoch,
      parameters: p,
      budgets: budgetsAt(epoch, p),
      kinds,
      groups: [],
      bonds: [fair(1)],
      explain: false,
    };
    const settlement = createSettlement(head);
    return perSecond(
      cpuMs(() => {
        for (const row of rows) settlement.add(row);
        settlement.result();
      }),
    );
  };
  const result = await alternate({ ours, baseline }, { rounds: 5, unit: "assets a second of CPU, more is better" });
  // Measured apart: a collection on demand also lets go of compiled code.
  const before = memoryMb();
  const settlement = createEpochSettlement(state, epoch, p);
  const { settled } = settlement.result();
  const heldMb = memoryMb() - before;
  if (settled.count !== settlement.result().record.rewardsCount) throw new Error("nothing is held");
  return {
    ...result,
    assets,
    costPerBlock,
    blocks,
    shareMs: spread(shares),
    sliceMs: spread(slices),
    heldMb,
    stateRoot: keyOf(digest(state.root)).slice(0, 8),
  };
}
