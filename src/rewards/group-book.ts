// The groups of one settlement: which of them each row is in, what they sum to, their caps and scales, and what they
// remember of demand and supply. Rows and groups are named by numbers: first the groups that are remembered, in the order
// given, then the others as they are met. All figures are in flat columns.
import { type Bytes, type Cell, minBigint, uint64Max } from "../primitives/index.ts";
import type { KindState, Parameters } from "../schema/index.ts";
import { scaleOf, scaleWhole } from "./allocation.ts";
import { BigintColumn, NumberColumn, SumColumn } from "./columns.ts";
import { capOf, coarserCell, groupCell, groupPrefix, groupRegion, groupsCount, releasedTo } from "./groups.ts";
import { KeyIndex } from "./key-index.ts";
import { prefixHigh, prefixLow } from "./row-table.ts";

export interface GroupAverage {
  readonly kind: number;
  readonly group: number;
  readonly key: bigint;
  /** Use and capacity as they were proved, in weight units. */
  readonly demand: bigint;
  readonly supply: bigint;
}

export interface GroupRules {
  readonly past: readonly GroupAverage[];
  readonly kinds: readonly KindState[];
  /** By kind, what its coverage reserve can add to its budget. */
  readonly releases: readonly bigint[];
  readonly parameters: Parameters;
}

/** Which groups concentration is measured over and steered by. */
const steeringGroup = (p: Pick<Parameters, "prefixRules">): number => (p.prefixRules === 1 ? groupPrefix : groupRegion);

const noGroup = 2 ** 32 - 1;
const wholeScale = Number(scaleWhole);

export class GroupBook {
  readonly #rules: GroupRules;
  readonly #steering: number;
  readonly #index = new KeyIndex();
  readonly #key = new DataView(new ArrayBuffer(8));
  // By group.
  readonly #spaces = new NumberColumn("narrow");
  readonly #keys = new BigintColumn();
  readonly #weights = new SumColumn();
  readonly #demands = new SumColumn();
  readonly #capacities = new SumColumn();
  readonly #bonds = new BigintColumn();
  readonly #rewards = new BigintColumn();
  /** How much of the weight counts, in 2^-48. */
  readonly #scales = new NumberColumn("wide");
  /** Of the coverage reserve, for its assets; only for cells. */
  readonly #released = new BigintColumn();
  /** Of cells: the group of the region. */
  readonly #regions = new NumberColumn("narrow");
  // By row and kind of group.
  readonly #members: readonly NumberColumn[] = Array.from({ length: groupsCount }, () => new NumberColumn("narrow"));

  constructor(rules: GroupRules) {
    this.#rules = rules;
    this.#steering = steeringGroup(rules.parameters);
    for (const { kind, group, key } of rules.past) {
      this.#key.setBigUint64(0, key);
      this.#add(kind * groupsCount + group, this.#key.getUint32(0), this.#key.getUint32(4));
    }
  }

  get count(): number {
    return this.#keys.length;
  }

  /** Notes a row's groups and adds to their sums. Rows come in order, each once. */
  add(
    {
      kind,
      cell,
      prefix,
      bond,
    }: { readonly kind: number; readonly cell: Cell; readonly prefix: Bytes; readonly bond: bigint },
    of: { readonly weight: number; readonly demand: number; readonly capacity: number },
  ): void {
    const space = kind * groupsCount;
    const inCell = this.#groupOf(space + groupCell, cell);
    let region = this.#regions.at(inCell);
    if (region === noGroup) {
      const { locationResolution } = this.#rules.parameters;
      region = this.#groupOf(space + groupRegion, coarserCell(cell, locationResolution));
      this.#regions.set(inCell, region);
    }
    const network =
      this.#rules.parameters.prefixRules === 1
        ? this.#numberOf(space + groupPrefix, prefixHigh(prefix), prefixLow(prefix))
        : noGroup;
    for (let group = 0; group < groupsCount; group++) {
      const number = group === groupCell ? inCell : group === groupRegion ? region : network;
      (this.#members[group] as NumberColumn).push(number);
      if (number === noGroup) continue;
      this.#weights.add(number, of.weight);
      this.#capacities.add(number, of.capacity);
      this.#demands.add(number, of.demand);
      if (group === this.#steering) this.#bonds.add(number, bond);
    }
  }

  /** The number of the row's group of a kind of group; -1 where a rule is off. */
  of(row: number, group: number): number {
    const number = (this.#members[group] as NumberColumn).at(row);
    return number === noGroup ? -1 : number;
  }

  /** Fills in a group's scale and what it is given, once all rows are in. */
  close(number: number): void {
    const { past, releases, parameters } = this.#rules;
    const space = this.#spaces.at(number);
    if (space % groupsCount === groupCell && past[number] !== undefined) {
      const release = releases[Math.floor(space / groupsCount)] ?? 0n;
      this.#released.add(number, releasedTo(past[number], parameters, release));
    }
    this.#scales.set(number, Number(scaleOf(this.capOf(number), this.#weights.at(number))));
  }

  /** Which kind of group has the least scale below the whole, the first of several; -1 when none binds. */
  boundBy(row: number): number {
    let least = wholeScale;
    let bound = -1;
    for (let group = 0; group < groupsCount; group++) {
      const scale = this.#scaleOf(row, group);
      if (scale >= least) continue;
      least = scale;
      bound = group;
    }
    return bound;
  }

  leastScale(row: number): bigint {
    let least = wholeScale;
    for (let group = 0; group < groupsCount; group++) least = Math.min(least, this.#scaleOf(row, group));
    return BigInt(least);
  }

  /** What the coverage reserve gives to the row's cell. */
  releasedTo(row: number): bigint {
    return this.#released.at((this.#members[groupCell] as NumberColumn).at(row));
  }

  /** Notes pay, for what concentration is measured over. */
  pay(row: number, reward: bigint): void {
    const number = this.of(row, this.#steering);
    if (number >= 0) this.#rewards.add(number, reward);
  }

  keyOf(number: number): bigint {
    return this.#keys.at(number);
  }

  weightOf(number: number): bigint {
    return this.#weights.at(number);
  }

  scaleOf(number: number): bigint {
    return BigInt(this.#scales.at(number));
  }

  /** C of R-3. */
  capOf(number: number): bigint {
    const { past, kinds, parameters } = this.#rules;
    const scalePpm = kinds[Math.floor(this.#spaces.at(number) / groupsCount)]?.capScalePpm ?? 1_000_000;
    return capOf(past[number]?.demand ?? 0n, parameters, scalePpm);
  }

  /** What the group will remember. */
  average(number: number): GroupAverage {
    const n = BigInt(this.#rules.parameters.demandAveragingEpochs);
    const averaged = (before: bigint, now: bigint): bigint => minBigint((before * (n - 1n) + now) / n, uint64Max);
    const before = this.#rules.past[number];
    const space = this.#spaces.at(number);
    return {
      kind: Math.floor(space / groupsCount),
      group: space % groupsCount,
      key: this.#keys.at(number),
      demand: averaged(before?.demand ?? 0n, this.#demands.at(number)),
      supply: averaged(before?.supply ?? 0n, this.#capacities.at(number)),
    };
  }

  /** Rewards and bonds of the groups that concentration is measured over: of one kind, or of all, where each place counts once. */
  steered(kind?: number): { readonly rewards: readonly bigint[]; readonly bonds: readonly bigint[] } {
    const rewards: bigint[] = [];
    const bonds: bigint[] = [];
    const places = new Map<bigint, number>();
    for (let number = 0; number < this.count; number++) {
      const space = this.#spaces.at(number);
      if (space % groupsCount !== this.#steering) continue;
      if (kind !== undefined && space !== kind * groupsCount + this.#steering) continue;
      const key = this.#keys.at(number);
      const place = places.get(key) ?? places.size;
      places.set(key, place);
      rewards[place] = (rewards[place] ?? 0n) + this.#rewards.at(number);
      bonds[place] = (bonds[place] ?? 0n) + this.#bonds.at(number);
    }
    return { rewards, bonds };
  }

  #scaleOf(row: number, group: number): number {
    const number = (this.#members[group] as NumberColumn).at(row);
    return number === noGroup ? wholeScale : this.#scales.at(number);
  }

  #groupOf(space: number, key: bigint): number {
    this.#key.setBigUint64(0, key);
    return this.#numberOf(space, this.#key.getUint32(0), this.#key.getUint32(4));
  }

  #numberOf(space: number, high: number, low: number): number {
    const number = this.#index.find(space, high, low);
    return number >= 0 ? number : this.#add(space, high, low);
  }

  #add(space: number, high: number, low: number): number {
    this.#key.setUint32(0, high);
    this.#key.setUint32(4, low);
    this.#spaces.push(space);
    this.#keys.push(this.#key.getBigUint64(0));
    for (const sums of [this.#weights, this.#demands, this.#capacities]) sums.push();
    for (const amounts of [this.#bonds, this.#rewards, this.#released]) amounts.push(0n);
    this.#scales.push(wholeScale);
    this.#regions.push(noGroup);
    return this.#index.add(space, high, low);
  }
}
