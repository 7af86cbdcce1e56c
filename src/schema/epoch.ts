// What an epoch settles to (section 6): the reward table's leaves, their explanations and the epoch record.
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import {
  accountIdType,
  assetIdType,
  booleanType,
  cellType,
  digestType,
  grainsType,
  listOf,
  prefixType,
  publicKeyType,
  uint8Type,
  uint32Type,
  uint64Type,
  uintType,
  weightType,
} from "./basic.ts";
import { codec } from "./codec.ts";
import { seatsMax } from "./consensus.ts";

export const rewardLeavesMax = 1 << 22;
export const auditorsMax = 64;
/** One for each auditor's entry and each receipt that counted. */
export const evidenceMax = 2048;

/** Every factor of one asset's reward. Weights and caps are in the kind's weight units, scales in 2^-48. */
const groupFactorType = new ContainerType({
  /** 0 network prefix, 1 cell at the location resolution, 2 cell at resolution 7. */
  group: uint8Type,
  key: digestType,
  weight: weightType,
  cap: weightType,
  scale: uint64Type,
});
const outcomeType = new ContainerType({
  measured: uint64Type,
  passPpm: uint32Type,
  /** One more than the last epoch with reports enough; zero when there was none (P-5). */
  measuredEpochs: uintType,
  /** Half pay was given once since then. */
  held: booleanType,
});
const explanationType = new ContainerType({
  kind: uint8Type,
  cell: cellType,
  /** As most auditors confirmed it; zero when they did not. */
  prefix: prefixType,
  /** What P-5 starts from besides the entries: auditors drawn, what the asset remembered, units registered. */
  assigned: uint8Type,
  last: outcomeType,
  units: uint64Type,
  measured: uint64Type,
  delivered: uint64Type,
  /** Below the whole at P-5's half pay, or when the pass share is. */
  passPpm: uint32Type,
  standbyPpm: uint32Type,
  bonusPpm: uint32Type,
  work: weightType,
  bondLimit: weightType,
  weight: weightType,
  groups: listOf(groupFactorType, 3),
  /** Index into `groups` of the one that bound; 255 when none did. */
  boundBy: uint8Type,
  cappedWeight: weightType,
  denominator: weightType,
  budget: grainsType,
  /** What the coverage reserve added to the budget for assets of this one's cell, as far as it is short. */
  coverageBudget: grainsType,
  evidence: listOf(digestType, evidenceMax),
});
const rewardLeafType = new ContainerType({
  assetId: assetIdType,
  owner: accountIdType,
  beneficiary: accountIdType,
  /** Weight times the least scale, in 2^-48 of a weight unit. */
  cappedWeight: weightType,
  /** Of `reward`, what came from the coverage reserve. */
  coverage: grainsType,
  reward: grainsType,
  explanationRoot: digestType,
});

/** What a settled epoch changes in one account, operator, asset or group, later and by turns. */
const postingType = new ContainerType({
  space: uint8Type,
  key: digestType,
  /** Credited to `to`. */
  amount: grainsType,
  to: accountIdType,
  /** Share of the bond that is lost. */
  slashPpm: uint32Type,
  /** An operator's new sample of service, or an asset's pass share; `sampled` tells whether there is one. */
  samplePpm: uint32Type,
  sampled: booleanType,
  /** An asset's measured units, or a group's averaged demand. */
  measured: uint64Type,
  supply: uint64Type,
  group: uint8Type,
  kind: uint8Type,
});

const concentrationType = new ContainerType({
  giniPpm: uint32Type,
  herfindahlPpm: uint32Type,
  nakamotoThird: uint32Type,
  nakamotoHalf: uint32Type,
  topSharePpm: uint32Type,
});
const kindSettlementType = new ContainerType({
  kind: uint8Type,
  budget: grainsType,
  paid: grainsType,
  coveragePaid: grainsType,
  reserve: grainsType,
});
const epochRecordType = new ContainerType({
  epoch: uintType,
  emission: grainsType,
  kinds: listOf(kindSettlementType, 8),
  auditPay: grainsType,
  committeePay: grainsType,
  treasury: grainsType,
  rewardsRoot: digestType,
  rewardsCount: uint32Type,
  /** The list of postings that follows from this record. */
  postingsRoot: digestType,
  postingsCount: uint32Type,
  /** Of rewards by operator, rewards by group, bonds by operator, bonds by group, in this order. */
  concentration: listOf(concentrationType, 4),
  beacon: digestType,
  /** At a term's end, the root of the committee of the term after next; zero otherwise. */
  committeeRoot: digestType,
});

const seatType = new ContainerType({ operator: accountIdType, publicKey: publicKeyType });
const committeeType = new ContainerType({ term: uintType, seats: listOf(seatType, seatsMax) });

export type Outcome = ValueOf<typeof outcomeType>;
export type GroupFactor = ValueOf<typeof groupFactorType>;
export type Explanation = ValueOf<typeof explanationType>;
export type Posting = ValueOf<typeof postingType>;
export type RewardLeaf = ValueOf<typeof rewardLeafType>;
export type Concentration = ValueOf<typeof concentrationType>;
export type KindSettlement = ValueOf<typeof kindSettlementType>;
export type EpochRecord = ValueOf<typeof epochRecordType>;
export type Seat = ValueOf<typeof seatType>;
/** Who votes in a term, by seat. `root` of this is the `committeeRoot` that votes are signed over. */
export type CommitteeRecord = ValueOf<typeof committeeType>;

export const explanationCodec = codec("explanation", explanationType);
export const rewardLeafCodec = codec("reward leaf", rewardLeafType);
export const postingCodec = codec("posting", postingType);
export const epochRecordCodec = codec("epoch record", epochRecordType);
export const committeeCodec = codec("committee", committeeType);
/** The reward table: its root is `rewardsRoot`, its leaves are sorted by asset id. */
export const rewardTableType = listOf(rewardLeafType, rewardLeavesMax);
export const postingsType = listOf(postingType, rewardLeavesMax);

export { committeeType, epochRecordType, explanationType, outcomeType, postingType, rewardLeafType };
