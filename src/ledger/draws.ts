// Draws by the beacon (I-6, P-1, section 3): weighted, without replacement, at most one a network prefix. Everyone who has
// the draw table and the beacon gets the same result; nobody chooses it.
import { sha256 } from "../crypto/index.ts";
import {
  type AccountId,
  type AssetId,
  type Bytes,
  type Digest,
  digest,
  equalBytes,
  keyOf,
  minBigint,
  mulPpm,
  utf8ToBytes,
} from "../primitives/index.ts";
import {
  type DrawEntry,
  type DrawTable,
  hashLevel,
  hashPair,
  type OperatorState,
  type Parameters,
} from "../schema/index.ts";

/** What an operator weighs in the draws of an epoch: capped bond that has come into effect, times score. */
export function drawWeight(operator: OperatorState, epoch: number, p: Parameters): bigint {
  if (operator.activeFromEpoch > epoch) return 0n;
  const waiting = operator.pending.reduce((sum, part) => (part.epoch > epoch ? sum + part.amount : sum), 0n);
  const bond = operator.bond - waiting;
  return bond < p.operatorBondMin ? 0n : mulPpm(minBigint(bond, p.bondCap), operator.scorePpm);
}

const prefixUnknown = new Uint8Array(5);
/** Whether two operators share a prefix that is known. */
export const samePrefix = (a: Bytes, b: Bytes): boolean => equalBytes(a, b) && !equalBytes(a, prefixUnknown);

/** A table prepared for many draws. */
export interface DrawUrn {
  readonly epoch: number;
  readonly entries: readonly DrawEntry[];
  /** Sum of the weights up to and with each entry. */
  readonly sums: readonly bigint[];
  readonly indexOf: ReadonlyMap<string, number>;
}

export function createUrn(table: DrawTable): DrawUrn {
  const indexOf = new Map(table.entries.map((entry, index) => [keyOf(entry.operator), index]));
  return { epoch: table.epoch, entries: table.entries, sums: runningSums(table.entries), indexOf };
}

const urns = new WeakMap<DrawTable, DrawUrn>();

/** The urn of a table, made once for as long as the table is held: a table is never changed. */
export function urnOf(table: DrawTable): DrawUrn {
  const known = urns.get(table) ?? createUrn(table);
  urns.set(table, known);
  return known;
}

function runningSums(entries: readonly DrawEntry[]): readonly bigint[] {
  let sum = 0n;
  return entries.map((entry) => {
    sum += entry.weight;
    return sum;
  });
}

/** The first entry whose sum is above `value`. */
function entryAt(sums: readonly bigint[], value: bigint): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] as bigint) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Numbers of 128 bits without end: both halves of H(seed, 0), H(seed, 1), ... with the counter in 32 bytes. */
function* numbersFrom(seed: Digest): Generator<bigint> {
  const input = new Uint8Array(64);
  const counter = new DataView(input.buffer, 56);
  input.set(seed);
  for (let block = 0; ; block++) {
    counter.setUint32(4, block);
    const bytes = hashLevel(input);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    yield (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
    yield (view.getBigUint64(16) << 64n) | view.getBigUint64(24);
  }
}

const triesPerSeat = 32;

export interface DrawRules {
  readonly count: number;
  readonly onePerPrefix: boolean;
  readonly allowed: (index: number) => boolean;
}

/**
 * Up to `count` different entries among those that `allowed` admits, each drawn by weight among those left. First by trying
 * numbers from the seed until one hits an entry that may be taken; where few or uneven weights make that long, the rest is
 * drawn among the remaining ones alone. Nobody gains by the place that an id has in the table.
 */
export function drawFrom(urn: DrawUrn, seed: Digest, rules: DrawRules): readonly number[] {
  const total = urn.sums[urn.sums.length - 1] ?? 0n;
  const chosen: number[] = [];
  const fits = (index: number): boolean => {
    const entry = urn.entries[index] as DrawEntry;
    if (entry.weight === 0n || chosen.includes(index) || !rules.allowed(index)) return false;
    if (!rules.onePerPrefix) return true;
    return !chosen.some((other) => samePrefix((urn.entries[other] as DrawEntry).prefix, entry.prefix));
  };
  if (total === 0n) return chosen;
  const numbers = numbersFrom(seed);
  for (let tries = rules.count * triesPerSeat; tries > 0 && chosen.length < rules.count; tries--) {
    const index = entryAt(urn.sums, (numbers.next().value as bigint) % total);
    if (fits(index)) chosen.push(index);
  }
  while (chosen.length < rules.count) {
    const left = urn.entries.map((_, index) => index).filter(fits);
    if (left.length === 0) break;
    const sums = runningSums(left.map((index) => urn.entries[index] as DrawEntry));
    const value = (numbers.next().value as bigint) % (sums[sums.length - 1] as bigint);
    chosen.push(left[entryAt(sums, value)] as number);
  }
  return chosen;
}

export interface AuditedAsset {
  readonly assetId: AssetId;
  readonly owner: AccountId;
}

/** Who audits which asset in an urn's epoch (P-1), as indices into its entries. */
export type AuditDraw = (asset: AuditedAsset, count?: number) => readonly number[];

/** The draw of an epoch's auditors: never an asset's owner nor anyone with the owner's prefix. */
export function auditDraw(
  urn: DrawUrn,
  beacon: Digest,
  rules: { readonly count: number; readonly prefixRules: boolean },
): AuditDraw {
  const base = sha256(utf8ToBytes("audit"), beacon);
  return ({ assetId, owner }, count = rules.count) => {
    const ownerIndex = urn.indexOf.get(keyOf(owner));
    const ownerPrefix = ownerIndex === undefined ? prefixUnknown : (urn.entries[ownerIndex] as DrawEntry).prefix;
    const allowed = (index: number): boolean =>
      index !== ownerIndex && !(rules.prefixRules && samePrefix((urn.entries[index] as DrawEntry).prefix, ownerPrefix));
    const seed = digest(hashPair(base, assetId));
    return drawFrom(urn, seed, { count, onePerPrefix: rules.prefixRules, allowed });
  };
}

/** The operators that sit in a term, drawn by `beacon` among the entries of the urn. */
export function drawCommittee(
  urn: DrawUrn,
  beacon: Digest,
  rules: { readonly seats: number; readonly prefixRules: boolean },
): readonly AccountId[] {
  const seed = sha256(utf8ToBytes("committee"), beacon);
  const draw = { count: rules.seats, onePerPrefix: rules.prefixRules, allowed: () => true };
  return drawFrom(urn, seed, draw).map((index) => (urn.entries[index] as DrawEntry).operator);
}
