// Assets settled a second at 100,000 and at 1,000,000 assets: medians over seven entries (P-5), work, weights, caps by place
// and prefix, pay, coverage, concentration and the root of the reward table; and making each row, from
// figures that lie as flat as the ledger's records do. Not timed: decoding records, draws, explanations (see settle-ledger).
// Time is of the processor: all threads, collection of garbage included; what of it stopped the main thread is told apart.
// Against a plain sum over the same rows, made the same way.
import "../../src/native/hasher.ts";

import { PerformanceObserver } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import {
  type AccountId,
  type AssetId,
  bigEndian,
  type Cell,
  cellAt,
  grains,
  idBytes,
} from "../../src/primitives/index.ts";
import {
  type AuditEntry,
  budgetsAt,
  capScaleMax,
  createSettlement,
  noOutcome,
  outcomeOf,
  type Settlement,
  type SettleRow,
} from "../../src/rewards/index.ts";
import { parametersOf } from "../../src/schema/index.ts";
import { alternate, type BenchResult, cpuMs, median, memoryMb } from "./measure.ts";

export const title = "assets settled a second at 1,000,000 assets, against a plain sum over the same rows";

const fair = 1_000_000_000n;
const p = parametersOf("mainnet");
const large = 1_000_000;
const rounds = 5;
const operators = 10_000;
const epoch = 3;

/** Small deterministic numbers. */
const mixed = (seed: number): number => (Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) >>> 8) & 0xffff;

const cells: readonly Cell[] = Array.from({ length: 5000 }, (_, at) => cellAt((at % 100) - 50, (at * 7) % 360, 7));
const owners = Array.from({ length: operators }, (_, at) => bigEndian(at, 32) as AccountId);
const prefixes = Array.from({ length: 3000 }, (_, at) => Uint8Array.of(4, at >> 8, at & 255, 1, 0));
const entrySets = Array.from({ length: 4096 }, (_, at): readonly AuditEntry[] =>
  Array.from({ length: 7 }, (_, auditor) => ({
    measured: BigInt(1 + (mixed(at * 7 + auditor) % 512)),
    passed: 4 - (mixed(at + auditor) % 8 === 0 ? 1 : 0),
    attempted: 4,
    direct: true,
  })),
);

/** Names of assets, ascending. */
const idsOf = (count: number): Uint8Array => {
  const ids = new Uint8Array(count * idBytes);
  const view = new DataView(ids.buffer);
  for (let at = 0; at < count; at++) view.setUint32((at + 1) * idBytes - 4, at);
  return ids;
};

const bondOf = (at: number): bigint => bonds[mixed(at * 13) % bonds.length] as bigint;
const bonds = Array.from({ length: 400 }, (_, at) => BigInt(at + 1) * fair);

function rowOf(ids: Uint8Array, at: number): SettleRow {
  const entries = entrySets[mixed(at) % entrySets.length] as readonly AuditEntry[];
  const { measured, passPpm } = outcomeOf(entries, 7, { last: noOutcome, epoch });
  const owner = owners[at % operators] as AccountId;
  return {
    assetId: ids.subarray(at * idBytes, (at + 1) * idBytes) as AssetId,
    owner,
    beneficiary: owner,
    operator: at % operators,
    kind: at % 2,
    cell: cells[mixed(at * 3) % cells.length] as Cell,
    prefix: prefixes[mixed(at * 5) % prefixes.length] as Uint8Array,
    assigned: 7,
    last: noOutcome,
    units: 600n,
    measured,
    delivered: BigInt(mixed(at * 11) % 256),
    passPpm,
    bonusPpm: 0,
    bond: bondOf(at),
    evidence: [],
  };
}

function* rowsOf(ids: Uint8Array): Generator<SettleRow> {
  for (let at = 0; at * idBytes < ids.length; at++) yield rowOf(ids, at);
}

const settlementOf = (): Settlement =>
  createSettlement({
    epoch,
    parameters: p,
    budgets: budgetsAt(epoch, p),
    kinds: Array.from({ length: 6 }, (_, kind) => ({
      kind,
      capScalePpm: capScaleMax,
      steppedEpoch: 0,
      reserve: grains(0n),
    })),
    groups: [],
    bonds: owners.map(() => 100n * fair),
    explain: false,
  });

interface Share {
  readonly fromMs: number;
  readonly toMs: number;
  readonly spentMs: number;
}

/** How long collections stopped the main thread within a share, by the runtime's own account. */
const stoppedIn = ({ fromMs, toMs }: Share, stops: readonly PerformanceEntry[]): number =>
  stops
    .filter(({ startTime }) => startTime >= fromMs && startTime < toMs)
    .reduce((sum, { duration }) => sum + duration, 0);

function addRows(settlement: Settlement, rows: Iterator<SettleRow>, count: number): void {
  for (let added = 0; added < count; added++) {
    const row = rows.next();
    if (row.done === true) return;
    settlement.add(row.value);
  }
}

/** Settles in pieces of `rowsPerBlock`: all of it, and what single pieces take. */
async function settled(ids: Uint8Array, rowsPerBlock: number) {
  const stops: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => stops.push(...list.getEntries()));
  observer.observe({ entryTypes: ["gc"] });
  const settlement = settlementOf();
  const rows = rowsOf(ids);
  const shares: Share[] = [];
  let done = false;
  const share = (work: () => void): void => {
    const fromMs = performance.now();
    const spentMs = cpuMs(work);
    shares.push({ fromMs, toMs: performance.now(), spentMs });
  };
  const totalMs = cpuMs(() => {
    while (settlement.count * idBytes < ids.length) share(() => addRows(settlement, rows, rowsPerBlock));
    while (!done) {
      share(() => {
        done = settlement.advance(rowsPerBlock);
      });
    }
    share(() => settlement.result());
  });
  await setTimeout(10); // The runtime tells of collections in a later turn.
  observer.disconnect();
  const longest = shares.reduce((most, one) => (one.spentMs > most.spentMs ? one : most));
  if (settlement.result().count * idBytes !== ids.length) throw new Error("not all was settled");
  return {
    totalMs,
    stoppedMs: stops.reduce((sum, { duration }) => sum + duration, 0),
    medianMs: median(shares.map(({ spentMs }) => spentMs)),
    longestMs: longest.spentMs,
    longestStoppedMs: stoppedIn(longest, stops),
  };
}

/** What a finished settlement holds. Measured apart: a collection on demand also lets go of compiled code. */
function heldMb(ids: Uint8Array): number {
  const before = memoryMb();
  const settlement = settlementOf();
  for (const row of rowsOf(ids)) settlement.add(row);
  const { count } = settlement.result();
  const after = memoryMb();
  if (settlement.count !== count) throw new Error("not all was settled");
  return after - before;
}

function plainSum(ids: Uint8Array): number {
  let sum = 0n;
  const ms = cpuMs(() => {
    for (const { bond, delivered, measured } of rowsOf(ids)) sum += bond + delivered + measured;
  });
  if (sum === 0n) throw new Error("there is nothing to sum");
  return ms;
}

export async function run(): Promise<BenchResult> {
  const details: Record<string, unknown> = {};
  let ids = idsOf(0);
  for (const count of [100_000, large]) {
    ids = idsOf(count);
    const runs: Awaited<ReturnType<typeof settled>>[] = [];
    for (let round = 0; round < rounds; round++) runs.push(await settled(ids, p.settleCostPerBlock));
    const middle = (of: (one: (typeof runs)[number]) => number): number => Number(median(runs.map(of)).toPrecision(3));
    details[`assets${count}`] = {
      cpuSeconds: middle(({ totalMs }) => totalMs / 1000),
      stoppedByCollectionMs: middle((one) => one.stoppedMs),
      block: {
        rows: p.settleCostPerBlock,
        medianMs: middle((one) => one.medianMs),
        longestMs: middle((one) => one.longestMs),
        longestOfAllMs: Math.round(Math.max(...runs.map((one) => one.longestMs))),
        longestStoppedByCollectionMs: middle((one) => one.longestStoppedMs),
      },
    };
  }
  const perSecond = (ms: number): number => Math.round((large * 1000) / ms);
  const result = await alternate(
    {
      ours: async () => perSecond((await settled(ids, p.settleCostPerBlock)).totalMs),
      baseline: async () => perSecond(plainSum(ids)),
    },
    { rounds, unit: "assets a second of CPU, more is better" },
  );
  return { ...result, ...details, heldMb: heldMb(ids) };
}
