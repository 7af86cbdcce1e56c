// Assets settled a second at 100,000 and at 1,000,000 assets: medians over seven entries (P-5), work, weights, caps by place
// and prefix, pay, coverage, concentration and the root of the reward table. Not timed: reading records,
// draws, explanations. Against a plain sum over the same rows.
import "../../src/native/hasher.ts";

import { type AccountId, assetId, bigEndian, type Cell, cellAt, grains } from "../../src/primitives/index.ts";
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
import { alternate, type BenchResult, median } from "./measure.ts";

export const title = "assets settled a second at 1,000,000 assets, against a plain sum over the same rows";

const fair = 1_000_000_000n;
const p = parametersOf("mainnet");
const large = 1_000_000;
const rounds = 5;
const operators = 10_000;
const epoch = 3;

interface AssetFacts {
  readonly row: Omit<SettleRow, "measured" | "passPpm">;
  readonly entries: readonly AuditEntry[];
}

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

const factsOf = (count: number): readonly AssetFacts[] =>
  Array.from({ length: count }, (_, at) => ({
    entries: entrySets[mixed(at) % entrySets.length] as readonly AuditEntry[],
    row: {
      assetId: assetId(bigEndian(at, 32)),
      owner: owners[at % operators] as AccountId,
      beneficiary: owners[at % operators] as AccountId,
      operator: at % operators,
      kind: at % 2,
      cell: cells[mixed(at * 3) % cells.length] as Cell,
      prefix: prefixes[mixed(at * 5) % prefixes.length] as Uint8Array,
      assigned: 7,
      last: noOutcome,
      units: 600n,
      delivered: BigInt(mixed(at * 11) % 256),
      bonusPpm: 0,
      bond: BigInt(1 + (mixed(at * 13) % 400)) * fair,
      evidence: [],
    },
  }));

function* rowsOf(facts: readonly AssetFacts[]): Generator<SettleRow> {
  for (const { row, entries } of facts) {
    const outcome = outcomeOf(entries, row.assigned, { last: row.last, epoch });
    yield Object.assign(row, { measured: outcome.measured, passPpm: outcome.passPpm });
  }
}

const settlementOf = (facts: readonly AssetFacts[]): Settlement =>
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
    rows: rowsOf(facts),
    bonds: owners.map(() => 100n * fair),
    explain: false,
  });

const memoryMb = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return Math.round((heapUsed + arrayBuffers) / 2 ** 20);
};

/** Milliseconds of CPU, garbage collection included: what a busy machine does not change. */
const timed = (run: () => void): number => {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** Settles in pieces of `rowsPerBlock`: all of it, and what single pieces take. */
function settled(facts: readonly AssetFacts[], rowsPerBlock: number) {
  const settlement = settlementOf(facts);
  const shares: number[] = [];
  let done = false;
  const totalMs = timed(() => {
    while (!done) {
      shares.push(
        timed(() => {
          done = settlement.advance(rowsPerBlock);
        }),
      );
    }
    shares.push(timed(() => settlement.result()));
  });
  return {
    totalMs,
    medianMs: Math.round(median(shares)),
    longestMs: Math.round(Math.max(...shares)),
    memoryMb: memoryMb(),
  };
}

function plainSum(facts: readonly AssetFacts[]): number {
  let sum = 0n;
  const ms = timed(() => {
    for (const { row, entries } of facts) sum += row.bond + row.delivered + (entries[0] as AuditEntry).measured;
  });
  if (sum === 0n) throw new Error("there is nothing to sum");
  return ms;
}

export async function run(): Promise<BenchResult> {
  const details: Record<string, unknown> = {};
  let facts: readonly AssetFacts[] = [];
  for (const count of [100_000, large]) {
    facts = factsOf(count);
    const before = memoryMb();
    const runs = Array.from({ length: 3 }, () => settled(facts, p.settleCostPerBlock));
    details[`assets${count}`] = {
      cpuSeconds: Number((median(runs.map(({ totalMs }) => totalMs)) / 1000).toPrecision(3)),
      block: { medianMs: median(runs.map((one) => one.medianMs)), longestMs: median(runs.map((one) => one.longestMs)) },
      rowsPerBlock: p.settleCostPerBlock,
      addedMb: Math.max(...runs.map((one) => one.memoryMb)) - before,
    };
  }
  const perSecond = (ms: number): number => Math.round((facts.length * 1000) / ms);
  const result = await alternate(
    {
      ours: async () => perSecond(settled(facts, p.settleCostPerBlock).totalMs),
      baseline: async () => perSecond(plainSum(facts)),
    },
    { rounds, unit: "assets a second of CPU, more is better" },
  );
  return { ...result, ...details };
}
