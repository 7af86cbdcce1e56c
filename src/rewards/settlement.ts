// Settles an epoch's rewards as a resumable computation: each block calls `advance` with a bound
// on rows, and where a block stops has no influence on the outcome. Rows come sorted by asset id.
// Pure but for its own memory; never reads the ledger: the ledger hands it rows and looks up groups for it.
import {
  type AccountId,
  type AssetId,
  type Bytes,
  type Cell,
  type Digest,
  invariant,
  mulPpm,
  zeroDigest,
} from "../primitives/index.ts";
import {
  type EpochRecord,
  type Explanation,
  explanationCodec,
  type GroupFactor,
  type KindSettlement,
  type KindState,
  type Outcome,
  type Parameters,
  type RewardLeaf,
} from "../schema/index.ts";
import { denominatorOf, scaleOf, scaleWhole, shareOf } from "./allocation.ts";
import { concentrationOf, steerCaps } from "./concentration.ts";
import { type Budgets, standbyShares } from "./emission.ts";
import { capOf, groupCell, groupDigest, groupKeys, groupPrefix, groupRegion, groupsCount } from "./groups.ts";
import { createTableRoot } from "./reward-table.ts";
import { bondLimitOf, weightOf, weightPerUnit, workOf } from "./work.ts";

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

export interface GroupAverage {
  readonly kind: number;
  readonly group: number;
  readonly key: bigint;
  /** In weight units. */
  readonly demand: bigint;
  readonly supply: bigint;
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
  readonly leaves: readonly RewardLeaf[];
  readonly rewardsRoot: Digest;
  readonly kinds: readonly KindSettlement[];
  readonly nextKinds: readonly KindState[];
  readonly groups: readonly GroupAverage[];
  readonly concentration: EpochRecord["concentration"];
  explanation(index: number): Explanation;
}

export interface Settlement {
  /** Does up to `rows` rows of work; true when all is done. */
  advance(rows: number): boolean;
  /** Finishes what is left. */
  result(): Settled;
}

interface Group {
  readonly kind: number;
  readonly group: number;
  readonly key: bigint;
  weight: bigint;
  delivered: bigint;
  bonds: bigint;
  rewards: bigint;
  cap: bigint;
  scale: bigint;
  readonly past: GroupAverage | undefined;
}

interface KindSums {
  capped: bigint;
  covered: bigint;
  paid: bigint;
  coveragePaid: bigint;
}

type Phase = "gather" | "scale" | "pay" | "done";

export function createSettlement(input: SettleInput): Settlement {
  const p = input.parameters;
  const standby = standbyShares(p);
  const groups: Group[] = [];
  const groupIndex = new Map<string, Map<bigint, number>>();
  const past = new Map<string, GroupAverage>();
  for (const average of input.groups) past.set(`${average.kind}/${average.group}/${average.key}`, average);
  const rows: SettleRow[] = [];
  const works: bigint[] = [];
  const weights: bigint[] = [];
  const capped: bigint[] = [];
  const members: number[] = [];
  const leaves: RewardLeaf[] = [];
  const sums: KindSums[] = input.kinds.map(() => ({ capped: 0n, covered: 0n, paid: 0n, coveragePaid: 0n }));
  const releases = input.kinds.map((kind) => mulPpm(kind.reserve, p.coverageReleasePpm));
  const byOperator: bigint[] = input.bonds.map(() => 0n);
  const table = createTableRoot();
  let phase: Phase = "gather";
  let at = 0;

  const groupAt = (kind: number, group: number, key: bigint): number => {
    const slot = `${kind}/${group}`;
    const known = groupIndex.get(slot) ?? new Map<bigint, number>();
    groupIndex.set(slot, known);
    const index = known.get(key);
    if (index !== undefined) return index;
    known.set(key, groups.length);
    const before = past.get(`${slot}/${key}`);
    const none = { weight: 0n, delivered: 0n, bonds: 0n, rewards: 0n, cap: 0n, scale: scaleWhole };
    groups.push({ kind, group, key, past: before, ...none });
    return groups.length - 1;
  };

  /** and the sums W of R-3 for one more row. */
  const gather = (): void => {
    const next = input.rows.next();
    if (next.done === true) {
      closeGroups();
      enter("scale");
      return;
    }
    const row = next.value;
    const work = workOf({ ...row, standbyPpm: standby[row.kind] as number });
    const weight = weightOf(work, bondLimitOf(row.bond, p.leverageUnitsPerFair));
    const delivered = row.delivered * weightPerUnit;
    rows.push(row);
    works.push(work);
    weights.push(weight);
    const keys = groupKeys(row, p);
    for (let group = 0; group < groupsCount; group++) {
      const key = keys[group];
      const index = key === undefined ? -1 : groupAt(row.kind, group, key);
      members.push(index);
      if (index < 0) continue;
      const sum = groups[index] as Group;
      sum.weight += weight;
      sum.delivered += delivered;
      sum.bonds += row.bond;
    }
  };

  const closeGroups = (): void => {
    for (const group of groups) {
      const scalePpm = input.kinds[group.kind]?.capScalePpm ?? 1_000_000;
      group.cap = capOf(group.past?.demand ?? 0n, p, scalePpm);
      group.scale = scaleOf(group.cap, group.weight);
    }
  };

  /** Index into the row's groups of the one that binds; -1 when none does. */
  const boundBy = (row: number): number => {
    let least = scaleWhole;
    let bound = -1;
    for (let group = 0; group < groupsCount; group++) {
      const index = members[row * groupsCount + group] as number;
      if (index < 0 || (groups[index] as Group).scale >= least) continue;
      least = (groups[index] as Group).scale;
      bound = group;
    }
    return bound;
  };

  const inShortage = (row: number): boolean => {
    const average = groups[members[row * groupsCount + groupCell] as number]?.past;
    return average !== undefined && average.demand > average.supply;
  };

  /** u of R-3 and the denominators of R-4. */
  const scale = (): void => {
    const bound = boundBy(at);
    const least = bound < 0 ? scaleWhole : (groups[members[at * groupsCount + bound] as number] as Group).scale;
    const value = (weights[at] as bigint) * least;
    const sum = sums[(rows[at] as SettleRow).kind] as KindSums;
    capped.push(value);
    sum.capped += value;
    if (inShortage(at)) sum.covered += value;
    at++;
  };

  /** the budget's part, and the coverage reserve's where demand is not met. */
  const amounts = (row: number): { readonly reward: bigint; readonly coverage: bigint } => {
    const { kind } = rows[row] as SettleRow;
    const sum = sums[kind] as KindSums;
    const value = capped[row] as bigint;
    const reward = shareOf(input.budgets.kinds[kind] as bigint, value, denominatorOf(sum.capped, p.floorUnits));
    const coverage = inShortage(row)
      ? shareOf(releases[kind] as bigint, value, denominatorOf(sum.covered, p.floorUnits))
      : 0n;
    return { reward, coverage };
  };

  const explanation = (row: number): Explanation => {
    const { kind, cell, prefix, assigned, last, units, ...rest } = rows[row] as SettleRow;
    const { measured, delivered, passPpm, bonusPpm, bond, evidence } = rest;
    const covered = inShortage(row);
    const factors: GroupFactor[] = [];
    let bound = 255;
    const binding = boundBy(row);
    for (let group = 0; group < groupsCount; group++) {
      const index = members[row * groupsCount + group] as number;
      if (index < 0) continue;
      if (group === binding) bound = factors.length;
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
      measured,
      delivered,
      passPpm,
      standbyPpm: standby[kind] as number,
      bonusPpm,
      work: works[row] as bigint,
      bondLimit: bondLimitOf(bond, p.leverageUnitsPerFair),
      weight: weights[row] as bigint,
      groups: factors,
      boundBy: bound,
      cappedWeight: capped[row] as bigint,
      denominator: denominatorOf((sums[kind] as KindSums).capped, p.floorUnits),
      budget: input.budgets.kinds[kind] as bigint as Explanation["budget"],
      coverageBudget: (covered ? (releases[kind] as bigint) : 0n) as Explanation["coverageBudget"],
      coverageDenominator: covered ? denominatorOf((sums[kind] as KindSums).covered, p.floorUnits) : 0n,
      evidence: evidence.slice(),
    };
  };

  const pay = (): void => {
    const { assetId, owner, beneficiary, kind, operator } = rows[at] as SettleRow;
    const { reward, coverage } = amounts(at);
    const sum = sums[kind] as KindSums;
    sum.paid += reward;
    sum.coveragePaid += coverage;
    const total = reward + coverage;
    byOperator[operator] = (byOperator[operator] ?? 0n) + total;
    for (let group = 0; group < groupsCount; group++) {
      const index = members[at * groupsCount + group] as number;
      if (index >= 0) (groups[index] as Group).rewards += total;
    }
    const explanationRoot = input.explain === false ? zeroDigest : explanationCodec.root(explanation(at));
    const leaf = {
      assetId,
      owner,
      beneficiary,
      cappedWeight: capped[at] as bigint,
      coverage,
      reward: total,
      explanationRoot,
    };
    leaves.push(leaf as RewardLeaf);
    table.add([leaf as RewardLeaf]);
    at++;
  };

  const enter = (next: Phase): void => {
    phase = next;
    at = 0;
  };

  const step = (): void => {
    if (phase === "gather") gather();
    else if (at >= rows.length) enter(phase === "scale" ? "pay" : "done");
    else if (phase === "scale") scale();
    else pay();
  };

  const kindSettlements = (): KindSettlement[] =>
    sums.map((sum, kind) => {
      const budget = input.budgets.kinds[kind] as bigint;
      const reserve = (input.kinds[kind] as KindState).reserve + budget - sum.paid - sum.coveragePaid;
      return { kind, budget, paid: sum.paid, coveragePaid: sum.coveragePaid, reserve } as KindSettlement;
    });

  const finish = (): Settled => {
    invariant(phase === "done", "a settlement is finished after its last row", { phase });
    const steering = p.prefixRules === 1 ? groupPrefix : groupRegion;
    const steered = groups.filter((group) => group.group === steering);
    const kinds = kindSettlements();
    const nextKinds = input.kinds.map((kind, index) => {
      const own = concentrationOf(steered.filter((group) => group.kind === index).map((group) => group.rewards));
      const step = steerCaps(kind, own, { epoch: input.epoch, parameters: p });
      return { kind: index, ...step, reserve: (kinds[index] as KindSettlement).reserve };
    });
    return {
      leaves,
      rewardsRoot: table.root(),
      kinds,
      nextKinds,
      groups: averages(groups, input),
      concentration: [
        concentrationOf(byOperator),
        concentrationOf(steered.map((group) => group.rewards)),
        concentrationOf(input.bonds),
        concentrationOf(steered.map((group) => group.bonds)),
      ],
      explanation,
    };
  };

  let settled: Settled | undefined;
  return {
    advance(count) {
      for (let done = 0; done < count && phase !== "done"; done++) step();
      return phase === "done";
    },
    result() {
      while (phase !== "done") step();
      settled ??= finish();
      return settled;
    },
  };
}

/** Demand and supply averaged with what the groups remember; groups without either are forgotten. */
function averages(groups: readonly Group[], input: SettleInput): readonly GroupAverage[] {
  const n = BigInt(input.parameters.demandAveragingEpochs);
  const average = (before: bigint, now: bigint): bigint => (before * (n - 1n) + now) / n;
  const seen = new Set<string>();
  const next: GroupAverage[] = groups.map(({ kind, group, key, past, delivered, weight }) => {
    seen.add(`${kind}/${group}/${key}`);
    return {
      kind,
      group,
      key,
      demand: average(past?.demand ?? 0n, delivered),
      supply: average(past?.supply ?? 0n, weight),
    };
  });
  for (const { kind, group, key, demand, supply } of input.groups) {
    if (seen.has(`${kind}/${group}/${key}`)) continue;
    next.push({ kind, group, key, demand: average(demand, 0n), supply: average(supply, 0n) });
  }
  return next;
}
