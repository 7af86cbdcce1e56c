// Draws by the beacon (I-6, P-1, section 3): weighted, without replacement, at most one a network prefix. Everyone who has
// the draw table and the beacon gets the same result; nobody chooses it.
import { sha256 } from "../crypto/index.ts";
import {
  type AccountId,
  type AssetId,
  type Bytes,
  bigEndian,
  type Digest,
  equalBytes,
  fromBigEndian,
  keyOf,
  minBigint,
  mulPpm,
  utf8ToBytes,
} from "../primitives/index.ts";
import type { DrawEntry, DrawTable, OperatorState, Parameters } from "../schema/index.ts";

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
  let sum = 0n;
  const sums = table.entries.map((entry) => {
    sum += entry.weight;
    return sum;
  });
  const indexOf = new Map(table.entries.map((entry, index) => [keyOf(entry.operator), index]));
  return { epoch: table.epoch, entries: table.entries, sums, indexOf };
}

/** The first entry whose sum is above `value`. */
function entryAt(urn: DrawUrn, value: bigint): number {
  let low = 0;
  let high = urn.sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((urn.sums[middle] as bigint) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

const triesPerSeat = 16;

/**
 * Up to `count` different entries among those that `allowed` admits, by weight, from the stream of H(seed, i). Few and
 * uneven weights could make repetition long: after a bounded number of tries the rest are taken in table order.
 */
export function drawFrom(
  urn: DrawUrn,
  seed: Digest,
  rules: { readonly count: number; readonly onePerPrefix: boolean; readonly allowed: (index: number) => boolean },
): readonly number[] {
  const total = urn.sums[urn.sums.length - 1] ?? 0n;
  const chosen: number[] = [];
  const admit = (index: number): void => {
    const entry = urn.entries[index] as DrawEntry;
    if (chosen.includes(index) || entry.weight === 0n || !rules.allowed(index)) return;
    const taken = (other: number): boolean => samePrefix((urn.entries[other] as DrawEntry).prefix, entry.prefix);
    if (rules.onePerPrefix && chosen.some(taken)) return;
    chosen.push(index);
  };
  if (total === 0n) return chosen;
  const few = urn.entries.length <= rules.count;
  for (let block = 0; !few && block * 2 < rules.count * triesPerSeat && chosen.length < rules.count; block++) {
    const bytes = sha256(seed, bigEndian(block, 4));
    for (const half of [0, 16]) {
      if (chosen.length < rules.count) admit(entryAt(urn, fromBigEndian(bytes.subarray(half, half + 16)) % total));
    }
  }
  for (let index = 0; index < urn.entries.length && chosen.length < rules.count; index++) admit(index);
  return chosen;
}

/** Who audits an asset in the urn's epoch (P-1): never its owner nor anyone with the owner's prefix. */
export function auditorsOf(
  urn: DrawUrn,
  beacon: Digest,
  asset: {
    readonly assetId: AssetId;
    readonly owner: AccountId;
    readonly count: number;
    readonly prefixRules: boolean;
  },
): readonly AccountId[] {
  const ownerIndex = urn.indexOf.get(keyOf(asset.owner));
  const ownerPrefix = ownerIndex === undefined ? prefixUnknown : (urn.entries[ownerIndex] as DrawEntry).prefix;
  const seed = sha256(utf8ToBytes("audit"), beacon, asset.assetId);
  const allowed = (index: number): boolean =>
    index !== ownerIndex && !(asset.prefixRules && samePrefix((urn.entries[index] as DrawEntry).prefix, ownerPrefix));
  const chosen = drawFrom(urn, seed, { count: asset.count, onePerPrefix: asset.prefixRules, allowed });
  return chosen.map((index) => (urn.entries[index] as DrawEntry).operator);
}

/** The operators that sit in a term, drawn by `beacon` among those that `eligible` admits. */
export function drawCommittee(
  urn: DrawUrn,
  beacon: Digest,
  rules: { readonly seats: number; readonly prefixRules: boolean; readonly eligible: (id: AccountId) => boolean },
): readonly AccountId[] {
  const allowed = (index: number): boolean => rules.eligible((urn.entries[index] as DrawEntry).operator);
  const seed = sha256(utf8ToBytes("committee"), beacon);
  const chosen = drawFrom(urn, seed, { count: rules.seats, onePerPrefix: rules.prefixRules, allowed });
  return chosen.map((index) => (urn.entries[index] as DrawEntry).operator);
}
