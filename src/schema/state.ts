// Records of the ledger's state (L-5, L-6). Each lives in a space of the state tree under a 32-byte key; a space's number and
// the order of fields are part of what the state root commits to. The ledger writes them, the runtime stores their bytes.
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import { sha256 } from "../crypto/index.ts";
import { type Bytes, bigEndian, type Digest, digest } from "../primitives/index.ts";
import { assetTermsType } from "./asset.ts";
import { reportEntryType } from "./audit.ts";
import {
  accountIdType,
  assetIdType,
  booleanType,
  byteList,
  digestType,
  grainsType,
  listOf,
  optionalOf,
  prefixType,
  uint8Type,
  uint16Type,
  uint32Type,
  uint64Type,
  uintType,
} from "./basic.ts";
import { type Codec, codec } from "./codec.ts";
import { seatsMax } from "./consensus.ts";
import { epochRecordType, outcomeType } from "./epoch.ts";

export const operatorsMax = 65_536;
export const pendingBondsMax = 8;
export const unbondingsMax = 16;
export const reportPartsMax = 32;

const amountAtEpochType = new ContainerType({ amount: grainsType, epoch: uintType });

const accountType = new ContainerType({
  balance: grainsType,
  nonce: uintType,
  /** The key that signs for this account; zero until its first transaction. Then the next one, from `nextKeyEpoch` on. */
  keyId: digestType,
  nextKeyId: digestType,
  nextKeyEpoch: uintType,
  /** Fees burned in `burnEpoch` and in the epoch before it: what its use counts for is limited by them. */
  burnEpoch: uintType,
  burned: grainsType,
  burnedBefore: grainsType,
  /** Grains of use counted so far for `useEpoch`. */
  useEpoch: uintType,
  useCounted: grainsType,
});
const chainsType = new ContainerType({
  beaconCommitment: digestType,
  auditorCommitment: digestType,
  chainLength: uintType,
  fromEpoch: uintType,
});
const disclosedType = new ContainerType({ commitment: digestType, epoch: uintType });
const operatorType = new ContainerType({
  withdrawal: accountIdType,
  bond: grainsType,
  /** Parts of `bond` that count in draws only from their epoch on. */
  pending: listOf(amountAtEpochType, pendingBondsMax),
  unbonding: listOf(amountAtEpochType, unbondingsMax),
  activeFromEpoch: uintType,
  scorePpm: uint32Type,
  /** The last reveal of the beacon chain (or its end), how many were made, and how many there are. */
  beaconCommitment: digestType,
  beaconRevealed: uintType,
  chainLength: uintType,
  /** Counts renewals: which chain the key holder must open. */
  chainGeneration: uint32Type,
  /** The auditor secret last disclosed (or the chain's end) and the epoch it stands for. */
  auditorCommitment: digestType,
  auditorEpoch: uintType,
  /** After a renewal: what the chain before it last disclosed, for the one epoch that is still reported by it. */
  auditorBefore: optionalOf(disclosedType),
  renewal: optionalOf(chainsType),
  peerId: byteList(64),
  /** As last bound, in draws from `prefixEpoch` on; before, what was bound before. */
  prefix: prefixType,
  prefixBefore: prefixType,
  prefixEpoch: uintType,
  bindSeq: uintType,
  /** One more than the last epoch reported on, and one more than the last term seated; zero for never. */
  reportedEpochs: uintType,
  seatedTerms: uintType,
  assets: uint32Type,
});
const assetStateType = new ContainerType({
  owner: accountIdType,
  terms: assetTermsType,
  bond: grainsType,
  registeredEpoch: uintType,
  activeFromEpoch: uintType,
  status: uint8Type,
  /** One more than the epoch in which it was retired; zero while it is not. */
  retiredEpochs: uintType,
  outcome: outcomeType,
  unbonding: listOf(amountAtEpochType, unbondingsMax),
});
const reportType = new ContainerType({
  epoch: uintType,
  auditor: accountIdType,
  commitment: digestType,
  parts: uint8Type,
  /** Bit p: part p is here. Bit d of `filed`: the transcript of draw d is here. */
  revealed: uint32Type,
  filed: uint32Type,
  secret: digestType,
  counts: listOf(uint16Type, reportPartsMax),
});
const reportPartType = new ContainerType({ entries: listOf(reportEntryType, 2048) });
const useType = new ContainerType({
  requester: accountIdType,
  units: uint64Type,
  counted: uint64Type,
  receipt: digestType,
});
const claimType = new ContainerType({ epoch: uintType, assetId: assetIdType, uses: listOf(useType, 64) });
const windowType = new ContainerType({ kind: uint8Type, window: uint8Type, height: uintType, reveal: digestType });
const epochStateType = new ContainerType({
  epoch: uintType,
  beacon: digestType,
  /** Rolling hash of the epoch's reveals from `beacon` on: at the end it is the next epoch's beacon. */
  accumulated: digestType,
  /** The reveal that closed the second third and draws transcripts of the epoch before (P-3); zero until then. */
  drawReveal: digestType,
  proposed: listOf(uint32Type, seatsMax),
  sampled: listOf(uint32Type, seatsMax),
  samples: uint32Type,
  windows: listOf(windowType, 64),
});
const drawEntryType = new ContainerType({ operator: accountIdType, weight: uint64Type, prefix: prefixType });
const drawTableType = new ContainerType({ epoch: uintType, entries: listOf(drawEntryType, operatorsMax) });
const committeeSeatType = new ContainerType({ operator: accountIdType, keyId: digestType });
const committeeStateType = new ContainerType({
  term: uintType,
  root: digestType,
  seats: listOf(committeeSeatType, seatsMax),
});
const groupStateType = new ContainerType({
  kind: uint8Type,
  group: uint8Type,
  key: digestType,
  /** Averages over epochs, in weight units. */
  demand: uint64Type,
  supply: uint64Type,
});
const appealType = new ContainerType({
  epoch: uintType,
  assetId: assetIdType,
  appellant: accountIdType,
  deposit: grainsType,
  /** Who was drawn for the appealed epoch. */
  auditors: listOf(accountIdType, 64),
  /** Once that epoch is settled: its outcome, and who stood for it, a bit for each of `auditors`. */
  recorded: booleanType,
  measured: uint64Type,
  passPpm: uint32Type,
  stood: uint64Type,
});
const markType = new ContainerType({ subject: digestType, epoch: uintType });
const steeringType = new ContainerType({
  kind: uint8Type,
  capScalePpm: uint32Type,
  steppedEpoch: uintType,
  reserve: grainsType,
});
const chainType = new ContainerType({
  height: uintType,
  parent: digestType,
  timestampMs: uintType,
  emitted: grainsType,
  burned: grainsType,
  treasury: grainsType,
  /** Sums over all accounts, bonds (unbonding ones too) and deposits; rewards settled and not yet credited (L-7). */
  balances: grainsType,
  bonds: grainsType,
  deposits: grainsType,
  uncredited: grainsType,
  kinds: listOf(steeringType, 8),
  accounts: uintType,
  operators: uintType,
  assets: uintType,
  /** One more than the last epoch settled, and how many of its rows are posted. */
  settledEpochs: uintType,
  posted: uintType,
});

export type AmountAtEpoch = ValueOf<typeof amountAtEpochType>;
export type AccountState = ValueOf<typeof accountType>;
export type OperatorState = ValueOf<typeof operatorType>;
export type AssetState = ValueOf<typeof assetStateType>;
export type ReportState = ValueOf<typeof reportType>;
export type ReportPart = ValueOf<typeof reportPartType>;
export type ClaimState = ValueOf<typeof claimType>;
export type ClaimUse = ValueOf<typeof useType>;
export type ChallengeWindow = ValueOf<typeof windowType>;
export type EpochState = ValueOf<typeof epochStateType>;
export type DrawEntry = ValueOf<typeof drawEntryType>;
export type DrawTable = ValueOf<typeof drawTableType>;
export type CommitteeState = ValueOf<typeof committeeStateType>;
export type GroupState = ValueOf<typeof groupStateType>;
export type AppealState = ValueOf<typeof appealType>;
export type Mark = ValueOf<typeof markType>;
export type KindState = ValueOf<typeof steeringType>;
export type ChainState = ValueOf<typeof chainType>;

export { committeeStateType };

/** A space of the state: its number, its name and what its records are. */
export interface Table<T> {
  readonly space: number;
  readonly name: string;
  readonly codec: Codec<T>;
}
const table = <T>(space: number, name: string, records: Codec<T>): Table<T> => ({ space, name, codec: records });

export const tables = {
  chain: table(0, "chain", codec("chain", chainType)),
  accounts: table(1, "accounts", codec("account", accountType)),
  operators: table(2, "operators", codec("operator", operatorType)),
  assets: table(3, "assets", codec("asset state", assetStateType)),
  reports: table(4, "reports", codec("report", reportType)),
  reportParts: table(5, "reportParts", codec("report part", reportPartType)),
  claims: table(6, "claims", codec("claim", claimType)),
  epochs: table(7, "epochs", codec("epoch state", epochStateType)),
  drawTables: table(8, "drawTables", codec("draw table", drawTableType)),
  committees: table(9, "committees", codec("committee state", committeeStateType)),
  records: table(10, "records", codec("epoch record", epochRecordType)),
  groups: table(11, "groups", codec("group", groupStateType)),
  appeals: table(12, "appeals", codec("appeal", appealType)),
  /** Hashes of energy certificates, claimed once (D-4); faults, punished once (S-13). */
  energy: table(13, "energy", codec("mark", markType)),
  faults: table(14, "faults", codec("mark", markType)),
} as const;
export const spacesCount = 16;

/** Keys of records that are not named by an id of their own. */
export const chainKey: Digest = digest(new Uint8Array(32));
export const numberKey = (value: number): Digest => digest(bigEndian(value, 32));
export const compoundKey = (...parts: readonly (Bytes | number)[]): Digest =>
  sha256(...parts.map((part) => (typeof part === "number" ? bigEndian(part) : part)));
