// The groups of one settlement: which of them each row is in, what they sum to, their caps and scales, and what they
// remember of demand and supply. Rows are named by number; groups are made when first met, and numbered in that order.
import { type Bytes, type Cell, minBigint, uint64Max } from "../primitives/index.ts";
import type { KindState, Parameters } from "../schema/index.ts";
import { scaleOf, scaleWhole } from "./allocation.ts";
import {
  capOf,
  coarserCell,
  groupCell,
  groupPrefix,
  groupRegion,
  groupsCount,
  prefixNumber,
  releasedTo,
} from "./groups.ts";

export interface GroupAverage {
  readonly kind: number;
  readonly group: number;
  readonly key: bigint;
  /** Use and capacity as they were proved, in weight units. */
  readonly demand: bigint;
  readonly supply: bigint;
}

export interface Group {
  readonly kind: number;
  readonly group: number;
  readonly key: bigint;
  readonly past: GroupAverage | undefined;
  weight: bigint;
  demand: bigint;
  capacity: bigint;
  bonds: bigint;
  rewards: bigint;
  cap: bigint;
  /** Of the coverage reserve, for its assets; only for cells. */
  released: bigint;
  /** How much of the weight counts, in 2^-48. */
  scale: bigint;
  /** The same as a number, which is exact, for comparing. */
  order: number;
}

const wholeOrder = Number(scaleWhole);

export interface GroupBook {
  readonly groups: readonly Group[];
  /** Notes a row's groups and adds to their sums. Rows come in order, each once. */
  add(
    at: { readonly kind: number; readonly cell: Cell; readonly prefix: Bytes; readonly bond: bigint },
    of: { readonly weight: bigint; readonly demand: bigint; readonly capacity: bigint },
  ): void;
  /** The number of the row's group of a kind of group; -1 where a rule is off. */
  of(row: number, group: number): number;
  /** Which group has the least scale below the whole, the first of several; -1 when none binds. */
  boundBy(row: number): number;
  leastScale(row: number): bigint;
  /** Fills in a group's cap and scale, once all rows are in. */
  close(index: number): void;
  /** What the group at `index` will remember; then those that no row is in, by the same count. */
  averageCount(): number;
  average(index: number): GroupAverage;
}

/** Which groups concentration is measured over and steered by. */
export const steeringGroup = (p: Pick<Parameters, "prefixRules">): number =>
  p.prefixRules === 1 ? groupPrefix : groupRegion;

/** `releases`: by kind, what its coverage reserve can add to its budget. */
export function createGroupBook(
  past: readonly GroupAverage[],
  kinds: readonly KindState[],
  releases: readonly bigint[],
  p: Parameters,
): GroupBook {
  const groups: Group[] = [];
  /** By kind and group: the groups by key. */
  const found: Map<bigint, number>[] = [];
  const byPrefix: Map<number, number>[] = [];
  const byCell: Map<Cell, number>[] = [];
  const regionOf: number[] = [];
  const remembered: Map<bigint, GroupAverage>[] = [];
  const unseen = new Set(past);
  const steering = steeringGroup(p);
  let members = new Int32Array(groupsCount * 1024);
  let rows = 0;

  const slotOf = (kind: number, group: number): number => kind * groupsCount + group;
  for (const average of past) {
    const slot = slotOf(average.kind, average.group);
    const known = remembered[slot] ?? new Map<bigint, GroupAverage>();
    remembered[slot] = known;
    known.set(average.key, average);
  }

  const groupAt = (kind: number, group: number, key: bigint): number => {
    const slot = slotOf(kind, group);
    const known = found[slot] ?? new Map<bigint, number>();
    found[slot] = known;
    const index = known.get(key);
    if (index !== undefined) return index;
    known.set(key, groups.length);
    const before = remembered[slot]?.get(key);
    if (before !== undefined) unseen.delete(before);
    const sums = { weight: 0n, demand: 0n, capacity: 0n, bonds: 0n, rewards: 0n };
    groups.push({
      kind,
      group,
      key,
      past: before,
      ...sums,
      cap: 0n,
      released: 0n,
      scale: scaleWhole,
      order: wholeOrder,
    });
    return groups.length - 1;
  };

  const prefixGroup = (kind: number, prefix: Bytes): number => {
    const known = byPrefix[kind] ?? new Map<number, number>();
    byPrefix[kind] = known;
    let short = 0;
    for (const byte of prefix) short = short * 256 + byte;
    let index = known.get(short);
    if (index === undefined) {
      index = groupAt(kind, groupPrefix, prefixNumber(prefix));
      known.set(short, index);
    }
    return index;
  };

  /** The group of a cell; its region's is noted beside it. */
  const cellGroup = (kind: number, cell: Cell): number => {
    const known = byCell[kind] ?? new Map<Cell, number>();
    byCell[kind] = known;
    let index = known.get(cell);
    if (index === undefined) {
      const region = groupAt(kind, groupRegion, coarserCell(cell, p.locationResolution));
      index = groupAt(kind, groupCell, cell);
      regionOf[index] = region;
      known.set(cell, index);
    }
    return index;
  };

  const boundBy = (row: number): number => {
    let least = wholeOrder;
    let bound = -1;
    for (let group = 0; group < groupsCount; group++) {
      const index = members[row * groupsCount + group] as number;
      const order = index < 0 ? least : (groups[index] as Group).order;
      if (order >= least) continue;
      least = order;
      bound = group;
    }
    return bound;
  };

  let forgotten: readonly GroupAverage[] | undefined;
  const forgottenOnes = (): readonly GroupAverage[] => {
    forgotten ??= past.filter((one) => unseen.has(one));
    return forgotten;
  };
  const n = BigInt(p.demandAveragingEpochs);
  const averaged = (before: bigint, now: bigint): bigint => minBigint((before * (n - 1n) + now) / n, uint64Max);

  return {
    groups,
    add({ kind, cell, prefix, bond }, { weight, demand, capacity }) {
      const start = rows++ * groupsCount;
      if (start + groupsCount > members.length) {
        const longer = new Int32Array(members.length * 2);
        longer.set(members);
        members = longer;
      }
      const inCell = cellGroup(kind, cell);
      members[start + groupPrefix] = p.prefixRules === 1 ? prefixGroup(kind, prefix) : -1;
      members[start + groupRegion] = regionOf[inCell] as number;
      members[start + groupCell] = inCell;
      for (let group = 0; group < groupsCount; group++) {
        const index = members[start + group] as number;
        if (index < 0) continue;
        const sum = groups[index] as Group;
        sum.weight += weight;
        sum.capacity += capacity;
        if (demand > 0n) sum.demand += demand;
        if (group === steering) sum.bonds += bond;
      }
    },
    of: (row, group) => members[row * groupsCount + group] as number,
    boundBy,
    leastScale(row) {
      const bound = boundBy(row);
      return bound < 0 ? scaleWhole : (groups[members[row * groupsCount + bound] as number] as Group).scale;
    },
    close(index) {
      const group = groups[index] as Group;
      const scalePpm = kinds[group.kind]?.capScalePpm ?? 1_000_000;
      if (group.group === groupCell) group.released = releasedTo(group.past, p, releases[group.kind] ?? 0n);
      group.cap = capOf(group.past?.demand ?? 0n, p, scalePpm);
      group.scale = scaleOf(group.cap, group.weight);
      group.order = Number(group.scale);
    },
    averageCount: () => groups.length + forgottenOnes().length,
    average(index) {
      const known = groups[index];
      if (known !== undefined) {
        const { kind, group, key, past: before } = known;
        const demand = averaged(before?.demand ?? 0n, known.demand);
        return { kind, group, key, demand, supply: averaged(before?.supply ?? 0n, known.capacity) };
      }
      const { kind, group, key, demand, supply } = forgottenOnes()[index - groups.length] as GroupAverage;
      return { kind, group, key, demand: averaged(demand, 0n), supply: averaged(supply, 0n) };
    },
  };
}
