// The rules that are compared. Each divides the same budgets by kind among the same rows: ours by the functions that nodes
// settle with, the others by a score of each row. What a rule does not pay it keeps, to the grain.
import { grains, minBigint } from "../../src/primitives/index.ts";
import {
  type Budgets,
  budgetsAt,
  capScaleMax,
  createSettlement,
  factorsOf,
  type GroupAverage,
  type SettleRow,
  standbyShares,
  weightPerUnit,
  workOf,
} from "../../src/rewards/index.ts";
import type { KindState, Parameters } from "../../src/schema/index.ts";
import type { Epoch } from "./epoch.ts";

/** What a rule remembers from one epoch to the next: nothing, but for ours. */
export interface Memory {
  readonly kinds: readonly KindState[];
  readonly groups: readonly GroupAverage[];
}

export interface Payout {
  /** Grains by row. */
  readonly paid: readonly bigint[];
  /** Grains of that from the coverage reserve. */
  readonly coverage: bigint;
  readonly memory: Memory;
  /** What is not paid of all budgets so far. */
  readonly kept: bigint;
}

export interface PolicyInput {
  readonly epoch: number;
  readonly parameters: Parameters;
  readonly saturationUnits: number;
}

export interface Policy {
  readonly name: string;
  readonly about: string;
  pay(of: Epoch, at: PolicyInput, memory: Memory): Payout;
}

export const emptyMemory: Memory = {
  kinds: Array.from({ length: 6 }, (_, kind) => ({
    kind,
    capScalePpm: capScaleMax,
    steppedEpoch: 0,
    reserve: grains(0n),
  })),
  groups: [],
};

const reserves = ({ kinds }: Memory): bigint => kinds.reduce((sum, kind) => sum + kind.reserve, 0n);

export const serviceBudget = (budgets: Budgets): bigint => budgets.kinds.reduce((sum, budget) => sum + budget, 0n);

function payOurs({ rows, bonds }: Epoch, { epoch, parameters }: PolicyInput, memory: Memory): Payout {
  const budgets = budgetsAt(epoch, parameters);
  const settlement = createSettlement({ epoch, parameters, budgets, ...memory, bonds, explain: false });
  for (const row of rows) settlement.add(row);
  const settled = settlement.result();
  const next = { kinds: settled.nextKinds, groups: settled.groups };
  const coverage = settled.kinds.reduce((sum, kind) => sum + kind.coveragePaid, 0n);
  return { paid: rows.map((_, at) => settled.leaf(at).reward), coverage, memory: next, kept: reserves(next) };
}

type Score = (rows: readonly SettleRow[], at: PolicyInput) => readonly bigint[];

const workIn = (row: SettleRow, p: Parameters): bigint =>
  BigInt(workOf(factorsOf(row), standbyShares(p)[row.kind] as number));

/** By each row's score, within its kind. What is kept is noted in the first kind's reserve. */
const byScore =
  (score: Score) =>
  (of: Epoch, at: PolicyInput, memory: Memory): Payout => {
    const { rows } = of;
    const budgets = budgetsAt(at.epoch, at.parameters);
    const scores = score(rows, at);
    const sums = budgets.kinds.map(() => 0n);
    for (const [index, row] of rows.entries()) sums[row.kind] = (sums[row.kind] as bigint) + (scores[index] as bigint);
    const paid = rows.map(({ kind }, index) => {
      const sum = sums[kind] as bigint;
      return sum === 0n ? 0n : ((budgets.kinds[kind] as bigint) * (scores[index] as bigint)) / sum;
    });
    const left = serviceBudget(budgets) - paid.reduce((sum, amount) => sum + amount, 0n);
    const kinds = memory.kinds.map((kind) =>
      kind.kind === 0 ? { ...kind, reserve: grains(kind.reserve + left) } : kind,
    );
    return { paid, coverage: 0n, memory: { ...memory, kinds }, kept: reserves({ ...memory, kinds }) };
  };

/** A curve over all work of an identity in a kind, shared among its rows by their work. */
const byIdentity =
  (curve: (work: bigint, at: PolicyInput) => bigint): Score =>
  (rows, at) => {
    const sums = new Map<number, bigint>();
    const work = rows.map((row) => workIn(row, at.parameters));
    const keyOf = ({ operator, kind }: SettleRow): number => operator * 8 + kind;
    for (const [index, row] of rows.entries())
      sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0n) + (work[index] as bigint));
    return rows.map((row, index) => {
      const sum = sums.get(keyOf(row)) as bigint;
      return sum === 0n ? 0n : (curve(sum, at) * (work[index] as bigint)) / sum;
    });
  };

const stakes: Score = (rows, { parameters }) => rows.map((row) => (workIn(row, parameters) > 0n ? row.bond : 0n));
const squareRoot = byIdentity((work) => BigInt(Math.floor(Math.sqrt(Number(work) * 1e6))));
const saturation = byIdentity((work, { saturationUnits }) => minBigint(work, BigInt(saturationUnits) * weightPerUnit));

export const policies = [
  { name: "fairmesh", about: "verified work, capped by place and prefix (R-1 to R-4)", pay: payOurs },
  { name: "stake", about: "proportional to bond, of whoever has done any work", pay: byScore(stakes) },
  { name: "square root", about: "by the square root of an identity's work", pay: byScore(squareRoot) },
  { name: "saturation", about: "by an identity's work up to a bound", pay: byScore(saturation) },
] as const satisfies readonly Policy[];
