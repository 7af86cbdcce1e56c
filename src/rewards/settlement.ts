// Settles an epoch's rewards as a resumable computation: blocks add rows, then call `advance` with a
// bound on rows, and where a block stops has no influence on the outcome. Rows come sorted by asset id, and are gathered
// into groups as they come. Then each group gets its scale, rows are scaled and paid, groups are averaged for the next epochs.
// Pure but for its own memory; never reads the ledger: the ledger hands it rows. All that is kept by row lies in flat columns.
import { type Digest, digest, grains, invariant, zeroDigest } from "../primitives/index.ts";
import {
  type EpochRecord,
  type Explanation,
  explanationCodec,
  type GroupFactor,
  type KindSettlement,
  type KindState,
  type Parameters,
  type RewardLeaf,
} from "../schema/index.ts";
import { denominatorOf, releaseOf, shareOf } from "./allocation.ts";
import { BigintColumn, DigestColumn, NumberColumn } from "./columns.ts";
import { concentrationOf, steerCaps } from "./concentration.ts";
import { type Budgets, standbyShares } from "./emission.ts";
import { type GroupAverage, GroupBook } from "./group-book.ts";
import { groupDigest, groupsCount } from "./groups.ts";
import { createTableRoot } from "./reward-table.ts";
import { RowTable, type SettleRow } from "./row-table.ts";
import { bondLimitOf, capacityOf, demandOf, factorsOf, weightOf, workOf } from "./work.ts";

export interface SettleInput {
  readonly epoch: number;
  readonly parameters: Parameters;
  readonly budgets: Budgets;
  /** Reserve and cap scale by number of the kind. */
  readonly kinds: readonly KindState[];
  /** What the groups remember, as of the freeze. */
  readonly groups: readonly GroupAverage[];
  /** All bonds by operator, looked at when all else is done. */
  readonly bonds: readonly bigint[];
  /** False leaves explanation roots zero: for measuring only. */
  readonly explain?: boolean;
}

export interface Settled {
  /** Leaves of the reward table, by asset id. */
  readonly count: number;
  leaf(index: number): RewardLeaf;
  /** What the assets of an operator earn together. */
  earned(operator: number): bigint;
  explanation(index: number): Explanation;
  readonly rewardsRoot: Digest;
  readonly kinds: readonly KindSettlement[];
  readonly nextKinds: readonly KindState[];
  readonly groups: readonly GroupAverage[];
  readonly concentration: EpochRecord["concentration"];
}

export interface Settlement {
  /** Takes one more asset: work, weight, the sums of its groups. Precondition: before the first `advance`. */
  add(row: SettleRow): void;
  /** Rows added. */
  readonly count: number;
  /** Does up to `rows` rows of work; true when all is done. */
  advance(rows: number): boolean;
  /** The next row is paid and explained: that costs the most. */
  readonly paying: boolean;
  /** Finishes what is left. */
  result(): Settled;
}

interface KindSums {
  capped: bigint;
  paid: bigint;
  coveragePaid: bigint;
}

type Phase = "caps" | "scale" | "pay" | "average" | "done";
const after: Readonly<Record<Phase, Phase>> = {
  caps: "scale",
  scale: "pay",
  pay: "average",
  average: "done",
  done: "done",
};

export function createSettlement(input: SettleInput): Settlement {
  const p = input.parameters;
  const standby = standbyShares(p);
  const releases = input.kinds.map(({ reserve }, kind) =>
    releaseOf(reserve, input.budgets.kinds[kind] as bigint, p.coverageReleasePpm),
  );
  const book = new GroupBook({ past: input.groups, kinds: input.kinds, releases, parameters: p });
  const rows = new RowTable();
  const weights = new NumberColumn("wide");
  const rewards = new BigintColumn();
  const coverages = new BigintColumn();
  const explanationRoots = new DigestColumn();
  const averages: GroupAverage[] = [];
  const sums: KindSums[] = input.kinds.map(() => ({ capped: 0n, paid: 0n, coveragePaid: 0n }));
  let denominators: readonly bigint[] = [];
  const byOperator = new BigintColumn();
  const table = createTableRoot();
  const explain = input.explain !== false;
  let phase: Phase = "caps";
  let at = 0;

  /** u of R-3. */
  const cappedAt = (row: number): bigint => BigInt(weights.at(row)) * book.leastScale(row);

  const add = (row: SettleRow): void => {
    invariant(phase === "caps" && at === 0, "rows are added before the first is settled", { phase, at });
    const factors = factorsOf(row);
    const work = workOf(factors, standby[row.kind] as number);
    const weight = weightOf(work, bondLimitOf(row.bond, p.leverageUnitsPerFair));
    rows.push(row);
    weights.push(weight);
    book.add(row, { weight, demand: demandOf(factors), capacity: capacityOf(factors) });
    while (byOperator.length <= row.operator) byOperator.push(0n);
  };

  /** The sums that R-4 divides by. */
  const scale = (): boolean => {
    if (at >= rows.count) return false;
    const sum = sums[rows.kindOf(at)] as KindSums;
    sum.capped += cappedAt(at);
    return true;
  };

  const explanation = (row: number): Explanation => {
    const given = rows.at(row);
    const { kind, cell, prefix, assigned, last, units, measured, delivered, passPpm, bonusPpm } = given;
    const factors: GroupFactor[] = [];
    let boundBy = 255;
    const binding = book.boundBy(row);
    for (let group = 0; group < groupsCount; group++) {
      const number = book.of(row, group);
      if (number < 0) continue;
      if (group === binding) boundBy = factors.length;
      const [weight, cap, scale] = [book.weightOf(number), book.capOf(number), book.scaleOf(number)];
      factors.push({ group, key: groupDigest(book.keyOf(number)), weight, cap, scale });
    }
    return {
      kind,
      cell,
      prefix,
      assigned,
      last,
      units,
      measured,
      delivered,
      passPpm,
      standbyPpm: standby[kind] as number,
      bonusPpm,
      work: BigInt(workOf(factorsOf(given), standby[kind] as number)),
      bondLimit: bondLimitOf(given.bond, p.leverageUnitsPerFair),
      weight: BigInt(weights.at(row)),
      groups: factors,
      boundBy,
      cappedWeight: cappedAt(row),
      denominator: denominators[kind] as bigint,
      budget: grains(input.budgets.kinds[kind] as bigint),
      coverageBudget: grains(book.releasedTo(row)),
      evidence: given.evidence.slice(),
    };
  };

  const leaf = (row: number): RewardLeaf => {
    const { owner, beneficiary } = rows.ownerOf(row);
    const reward = grains(rewards.at(row));
    const coverage = grains(coverages.at(row));
    const explanationRoot = explain ? digest(explanationRoots.at(row)) : zeroDigest;
    return {
      assetId: rows.assetIdOf(row),
      owner,
      beneficiary,
      cappedWeight: cappedAt(row),
      coverage,
      reward,
      explanationRoot,
    };
  };

  /** the budget's part, and the same part of what the coverage reserve releases where capacity is short. */
  const pay = (): boolean => {
    if (at >= rows.count) return false;
    const kind = rows.kindOf(at);
    const capped = cappedAt(at);
    const divided = denominators[kind] as bigint;
    const reward = shareOf(input.budgets.kinds[kind] as bigint, capped, divided);
    const released = book.releasedTo(at);
    const coverage = released === 0n ? 0n : shareOf(released, capped, divided);
    const sum = sums[kind] as KindSums;
    sum.paid += reward;
    sum.coveragePaid += coverage;
    const total = reward + coverage;
    byOperator.add(rows.operatorOf(at), total);
    book.pay(at, total);
    rewards.push(total);
    coverages.push(coverage);
    if (explain) explanationRoots.push(explanationCodec.root(explanation(at)));
    table.add(leaf(at));
    return true;
  };

  const caps = (): boolean => {
    if (at >= book.count) return false;
    book.close(at);
    return true;
  };

  const average = (): boolean => {
    if (at >= book.count) return false;
    averages.push(book.average(at));
    return true;
  };

  const enter = (next: Phase): void => {
    phase = next;
    at = 0;
    if (next === "pay") denominators = sums.map((sum) => denominatorOf(sum.capped, p.floorUnits));
  };

  const steps: Readonly<Record<Phase, () => boolean>> = { caps, scale, pay, average, done: () => false };

  /** Up to `count` rows of the phase, or what it has left; how many there were. */
  const run = (count: number): number => {
    const step = steps[phase];
    let done = 0;
    while (done < count && step()) {
      done++;
      at++;
    }
    if (done < count) enter(after[phase]);
    return done;
  };

  const finish = (): Settled => {
    invariant(phase === "done", "a settlement is finished after its last row", { phase });
    const steered = book.steered();
    const kinds = kindSettlements(input, sums);
    const nextKinds = input.kinds.map((kind, index) => {
      const own = concentrationOf(book.steered(index).rewards);
      const step = steerCaps(kind, own, { epoch: input.epoch, parameters: p });
      return { kind: index, ...step, reserve: (kinds[index] as KindSettlement).reserve };
    });
    return {
      count: rows.count,
      leaf,
      earned: (operator) => (operator < byOperator.length ? byOperator.at(operator) : 0n),
      explanation,
      rewardsRoot: table.root(),
      kinds,
      nextKinds,
      groups: averages,
      concentration: [
        concentrationOf(byOperator.values()),
        concentrationOf(steered.rewards),
        concentrationOf(input.bonds),
        concentrationOf(steered.bonds),
      ],
    };
  };

  let settled: Settled | undefined;
  return {
    add,
    get count() {
      return rows.count;
    },
    advance(count) {
      let left = count;
      while (left > 0 && phase !== "done") left -= Math.max(1, run(left));
      return phase === "done";
    },
    get paying() {
      return phase === "pay";
    },
    result() {
      while (phase !== "done") run(Number.MAX_SAFE_INTEGER);
      settled ??= finish();
      return settled;
    },
  };
}

const kindSettlements = (input: SettleInput, sums: readonly KindSums[]): readonly KindSettlement[] =>
  sums.map(({ paid, coveragePaid }, kind) => {
    const budget = grains(input.budgets.kinds[kind] as bigint);
    const reserve = grains((input.kinds[kind] as KindState).reserve + budget - paid - coveragePaid);
    return { kind, budget, paid: grains(paid), coveragePaid: grains(coveragePaid), reserve };
  });
