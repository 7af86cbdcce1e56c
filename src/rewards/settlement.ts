// Settles an epoch's rewards as a resumable computation: each block calls `advance` with a bound
// on rows, and where a block stops has no influence on the outcome. Rows come sorted by asset id. Four passes: gather
// rows into groups, give each group its scale, scale the rows, pay them; then groups are averaged for the next epochs.
// Pure but for its own memory; never reads the ledger: the ledger hands it rows. Figures by row are kept in flat arrays.
import {
  type AccountId,
  type AssetId,
  type Bytes,
  type Cell,
  type Digest,
  digest,
  grains,
  invariant,
  zeroDigest,
} from "../primitives/index.ts";
import {
  type EpochRecord,
  type Explanation,
  explanationCodec,
  type GroupFactor,
  type KindSettlement,
  type KindState,
  nodeBytes,
  type Outcome,
  type Parameters,
  type RewardLeaf,
} from "../schema/index.ts";
import { denominatorOf, releaseOf, shareOf } from "./allocation.ts";
import { Column } from "./columns.ts";
import { concentrationOf, steerCaps } from "./concentration.ts";
import { type Budgets, standbyShares } from "./emission.ts";
import { createGroupBook, type Group, type GroupAverage, steeringGroup } from "./group-book.ts";
import { groupCell, groupDigest, groupsCount } from "./groups.ts";
import { createTableRoot } from "./reward-table.ts";
import { bondLimitOf, capacityOf, demandOf, weightOf, workOf } from "./work.ts";

export interface SettleRow {
  readonly assetId: AssetId;
  readonly owner: AccountId;
  readonly beneficiary: AccountId;
  /** A number for the owner, from 0, the same for all its assets. */
  readonly operator: number;
  readonly kind: number;
  readonly cell: Cell;
  readonly prefix: Bytes;
  /** What P-5 started from. */
  readonly assigned: number;
  readonly last: Outcome;
  readonly units: bigint;
  readonly measured: bigint;
  readonly delivered: bigint;
  readonly passPpm: number;
  readonly bonusPpm: number;
  readonly bond: bigint;
  readonly evidence: readonly Digest[];
}

export interface SettleInput {
  readonly epoch: number;
  readonly parameters: Parameters;
  readonly budgets: Budgets;
  /** Reserve and cap scale by number of the kind. */
  readonly kinds: readonly KindState[];
  /** What the groups remember, as of the freeze. */
  readonly groups: readonly GroupAverage[];
  readonly rows: Iterator<SettleRow>;
  /** All bonds by operator. */
  readonly bonds: readonly bigint[];
  /** False leaves explanation roots zero: for measuring only. */
  readonly explain?: boolean;
}

export interface Settled {
  /** Leaves of the reward table, by asset id. */
  readonly count: number;
  leaf(index: number): RewardLeaf;
  explanation(index: number): Explanation;
  readonly rewardsRoot: Digest;
  readonly kinds: readonly KindSettlement[];
  readonly nextKinds: readonly KindState[];
  readonly groups: readonly GroupAverage[];
  readonly concentration: EpochRecord["concentration"];
}

export interface Settlement {
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

type Phase = "gather" | "caps" | "scale" | "pay" | "average" | "done";
const after: Readonly<Record<Phase, Phase>> = {
  gather: "caps",
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
  const book = createGroupBook(input.groups, input.kinds, releases, p);
  const { groups } = book;
  const rows: SettleRow[] = [];
  const [weights, capped] = [new Column(2), new Column(2)];
  const [rewards, coverages] = [new Column(1), new Column(1)];
  let explanationRoots: Bytes = new Uint8Array(0);
  const averages: GroupAverage[] = [];
  const sums: KindSums[] = input.kinds.map(() => ({ capped: 0n, paid: 0n, coveragePaid: 0n }));
  let denominators: readonly bigint[] = [];
  const byOperator: bigint[] = [];
  const table = createTableRoot();
  const steering = steeringGroup(p);
  const explain = input.explain !== false;
  let phase: Phase = "gather";
  let at = 0;

  const workAt = (row: SettleRow): bigint => workOf(row, standby[row.kind] as number);
  const releasedAt = (row: number): bigint => (groups[book.of(row, groupCell)] as Group).released;

  /** and the sums W of R-3 for one more row; false when there is none. */
  const gather = (): boolean => {
    const next = input.rows.next();
    if (next.done === true) return false;
    const row = next.value;
    const weight = weightOf(workAt(row), bondLimitOf(row.bond, p.leverageUnitsPerFair));
    rows.push(row);
    weights.push(weight);
    book.add(row, { weight, demand: demandOf(row), capacity: capacityOf(row) });
    return true;
  };

  /** u of R-3 and the sums that R-4 divides by. */
  const scale = (): boolean => {
    if (at >= rows.length) return false;
    const sum = sums[(rows[at] as SettleRow).kind] as KindSums;
    const value = weights.at(at) * book.leastScale(at);
    capped.push(value);
    sum.capped += value;
    return true;
  };

  const explanation = (row: number): Explanation => {
    const given = rows[row] as SettleRow;
    const { kind, cell, prefix, assigned, last, units, bond, evidence } = given;
    const factors: GroupFactor[] = [];
    let boundBy = 255;
    const binding = book.boundBy(row);
    for (let group = 0; group < groupsCount; group++) {
      const index = book.of(row, group);
      if (index < 0) continue;
      if (group === binding) boundBy = factors.length;
      const { weight, cap, scale: least, key } = groups[index] as Group;
      factors.push({ group, key: groupDigest(key), weight, cap, scale: least });
    }
    return {
      kind,
      cell,
      prefix,
      assigned,
      last,
      units,
      measured: given.measured,
      delivered: given.delivered,
      passPpm: given.passPpm,
      standbyPpm: standby[kind] as number,
      bonusPpm: given.bonusPpm,
      work: workAt(given),
      bondLimit: bondLimitOf(bond, p.leverageUnitsPerFair),
      weight: weights.at(row),
      groups: factors,
      boundBy,
      cappedWeight: capped.at(row),
      denominator: denominators[kind] as bigint,
      budget: grains(input.budgets.kinds[kind] as bigint),
      coverageBudget: grains(releasedAt(row)),
      evidence: evidence.slice(),
    };
  };

  const leaf = (row: number): RewardLeaf => {
    const { assetId, owner, beneficiary } = rows[row] as SettleRow;
    const reward = grains(rewards.at(row));
    const root = explanationRoots.subarray(row * nodeBytes, (row + 1) * nodeBytes);
    const explanationRoot = explain ? digest(root) : zeroDigest;
    const coverage = grains(coverages.at(row));
    return { assetId, owner, beneficiary, cappedWeight: capped.at(row), coverage, reward, explanationRoot };
  };

  /** the budget's part, and the same part of what the coverage reserve releases where capacity is short. */
  const pay = (): boolean => {
    if (at >= rows.length) return false;
    const { kind, operator } = rows[at] as SettleRow;
    const value = capped.at(at);
    const divided = denominators[kind] as bigint;
    const reward = shareOf(input.budgets.kinds[kind] as bigint, value, divided);
    const released = releasedAt(at);
    const coverage = released === 0n ? 0n : shareOf(released, value, divided);
    const sum = sums[kind] as KindSums;
    sum.paid += reward;
    sum.coveragePaid += coverage;
    const total = reward + coverage;
    byOperator[operator] = (byOperator[operator] ?? 0n) + total;
    const steered = book.of(at, steering);
    if (steered >= 0) (groups[steered] as Group).rewards += total;
    rewards.push(total);
    coverages.push(coverage);
    if (explain) explanationRoots.set(explanationCodec.root(explanation(at)), at * nodeBytes);
    table.add(leaf(at));
    return true;
  };

  const caps = (): boolean => {
    if (at >= groups.length) return false;
    book.close(at);
    return true;
  };

  const average = (): boolean => {
    if (at >= book.averageCount()) return false;
    averages.push(book.average(at));
    return true;
  };

  const enter = (next: Phase): void => {
    phase = next;
    at = 0;
    if (next !== "pay") return;
    explanationRoots = new Uint8Array(explain ? rows.length * nodeBytes : 0);
    denominators = sums.map((sum) => denominatorOf(sum.capped, p.floorUnits));
  };

  const steps: Readonly<Record<Phase, () => boolean>> = { gather, caps, scale, pay, average, done: () => false };

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
    const steered = groups.filter((group) => group.group === steering);
    const kinds = kindSettlements(input, sums);
    const nextKinds = input.kinds.map((kind, index) => {
      const own = concentrationOf(steered.filter((group) => group.kind === index).map((group) => group.rewards));
      const step = steerCaps(kind, own, { epoch: input.epoch, parameters: p });
      return { kind: index, ...step, reserve: (kinds[index] as KindSettlement).reserve };
    });
    return {
      count: rows.length,
      leaf,
      explanation,
      rewardsRoot: table.root(),
      kinds,
      nextKinds,
      groups: averages,
      concentration: [
        concentrationOf(Array.from(byOperator, (earned) => earned ?? 0n)),
        concentrationOf(steered.map((group) => group.rewards)),
        concentrationOf(input.bonds),
        concentrationOf(steered.map((group) => group.bonds)),
      ],
    };
  };

  let settled: Settled | undefined;
  return {
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
