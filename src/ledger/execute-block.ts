// Executes a block, one piece at a time: begin, its transactions, finish. Builders and checkers use the same pieces, so a
// block that was built is valid (L-4). Total: what a peer can get wrong is answered with a reason. Signatures come first,
// and are the caller's.
import { isPreimage, sha256 } from "../crypto/index.ts";
import {
  type AccountId,
  type Bytes,
  type Digest,
  digest,
  err,
  invariant,
  keyOf,
  type NetworkId,
  ok,
  type Result,
  sortedEntries,
} from "../primitives/index.ts";
import {
  type CommitteeState,
  chainKey,
  type EpochRecord,
  type EpochState,
  numberKey,
  type OperatorState,
  type Parameters,
  type Posting,
  tables,
} from "../schema/index.ts";
import { applyTransaction, type SizedTransaction } from "./apply-transaction.ts";
import { openedWindows } from "./audit-windows.ts";
import { createDraft, eachRecord, type RootDraft, readRecord } from "./draft.ts";
import { endEpoch, fixDrawTable } from "./end-of-epoch.ts";
import { type EpochSettlement, settleCosts } from "./epoch-settlement.ts";
import { chainOf, type ExecutionContext, totalOf, updateChain } from "./execution-context.ts";
import { type BlockTime, blockTime, drawOffset, freezeOffset, postedOffset } from "./network-time.ts";
import { applyPosting } from "./posting.ts";
import type { RejectionReason } from "./reasons.ts";
import { applyChanges, type LedgerState, recordsCount, type StateChange } from "./state.ts";
import { renewed } from "./transactions/operator.ts";

export interface BlockHead {
  readonly height: number;
  readonly parent: Digest;
  readonly timestampMs: number;
  readonly proposer: number;
  readonly beaconReveal: Digest;
  /** Seats in the parent's certificate, where the block carries one (L-1, R-8). */
  readonly sampledSeats: readonly number[] | undefined;
}

export interface LedgerBasis {
  readonly state: LedgerState;
  readonly parameters: Parameters;
  readonly networkId: NetworkId;
  publicKey(keyId: Digest): Bytes | undefined;
  /** The settlement of the epoch before the block's, from the freeze on. */
  readonly settlement: EpochSettlement | undefined;
  /** The postings of the epoch settled last. */
  readonly postings: readonly Posting[];
}

export type HeadProblem = "seat-unknown" | "reveal-wrong" | "chain-exhausted" | "timestamp-early" | "height-wrong";

export interface BlockExecution {
  readonly time: BlockTime;
  readonly context: ExecutionContext;
  /** what is to be spent on `LedgerBasis.settlement` before this block is finished; where it stops changes nothing. */
  readonly settleCost: number;
  /** Executes one more transaction, or answers why it may not stand here. */
  apply(transaction: SizedTransaction): RejectionReason | undefined;
  finish(): ExecutedBlock;
}

export interface ExecutedBlock {
  readonly state: LedgerState;
  readonly changes: readonly StateChange[];
  /** In an epoch's last block: the record of the epoch before, and what it leaves to be posted. */
  readonly record: EpochRecord | undefined;
  readonly settlement: EpochSettlement | undefined;
}

const counted = (counts: readonly number[], seats: number): number[] =>
  Array.from({ length: seats }, (_, seat) => counts[seat] ?? 0);

/** The epoch's state with what this block's head adds: reveal, proposer, windows, the draw of transcripts, samples. */
function withHead(
  state: EpochState,
  time: BlockTime,
  given: { head: BlockHead; seats: number; p: Parameters },
): EpochState {
  const { head, seats, p } = given;
  const proposed = counted(state.proposed, seats);
  proposed[head.proposer] = (proposed[head.proposer] as number) + 1;
  const sampled = counted(state.sampled, seats);
  for (const seat of head.sampledSeats ?? []) sampled[seat] = (sampled[seat] ?? 0) + 1;
  return {
    ...state,
    accumulated: sha256(state.accumulated, head.beaconReveal),
    drawReveal: time.offset === drawOffset(p) ? head.beaconReveal : state.drawReveal,
    proposed,
    sampled,
    samples: state.samples + (head.sampledSeats === undefined ? 0 : 1),
    windows: [...state.windows, ...openedWindows(state, { time, reveal: head.beaconReveal }, p)],
  };
}

/** Operators by id as this block leaves them. */
function operatorsAfter(
  state: LedgerState,
  changes: readonly StateChange[],
): readonly (readonly [AccountId, OperatorState])[] {
  const all = new Map<string, readonly [AccountId, OperatorState]>();
  const as = (key: Bytes): AccountId => digest(key.slice()) as Uint8Array as AccountId;
  for (const [key, operator] of eachRecord(state, tables.operators)) all.set(keyOf(key), [as(key), operator]);
  for (const change of changes) {
    if (change.space !== tables.operators.space) continue;
    if (change.bytes === undefined) all.delete(keyOf(change.key));
    else {
      const decoded = tables.operators.codec.decode(change.bytes);
      invariant(decoded.ok, "an operator that was written decodes");
      all.set(keyOf(change.key), [as(change.key), decoded.value]);
    }
  }
  return sortedEntries(all).map(([, entry]) => entry);
}

/** How many rows of postings this block carries out: at least the parameter's, and so many that all are done in time. */
export function postingsNow(left: number, offset: number, p: Parameters): number {
  const blocksLeft = Math.max(1, postedOffset(p) - offset);
  return Math.min(left, Math.max(p.postingsPerBlock, Math.ceil(left / blocksLeft)));
}

const isSettling = ({ epoch, offset }: BlockTime, p: Parameters): boolean => offset >= freezeOffset(p) && epoch > 0;

/** What a block spends on settlement (`settleCosts`): at least the parameter's, and its part of a generous estimate. */
export function settleCostNow(state: LedgerState, p: Parameters): number {
  const blocks = Math.max(1, p.epochBlocks - freezeOffset(p));
  const count = (table: { readonly space: number }): number => recordsCount(state, table.space);
  const { operator, entry, asset, row, group, posting } = settleCosts;
  const operators = count(tables.operators) * (operator * 2 + posting);
  const assets = count(tables.assets) * (asset + row * 2 + group + posting * 3 + entry * p.auditorsPerAsset);
  const others = (count(tables.groups) + count(tables.assets)) * (group * 3 + posting * 3);
  const drops = (count(tables.reports) + count(tables.reportParts) + count(tables.claims)) * (entry + posting);
  return Math.max(p.settleCostPerBlock, Math.ceil((operators + assets + others + drops) / blocks));
}

function headProblem(
  basis: LedgerBasis,
  head: BlockHead,
  found: { readonly committee: CommitteeState | undefined; readonly operator: OperatorState | undefined },
): HeadProblem | undefined {
  const chain = readRecord(basis.state, tables.chain, chainKey);
  if (chain === undefined || chain.height + 1 !== head.height) return "height-wrong";
  if (head.timestampMs < chain.timestampMs + basis.parameters.blockIntervalMs) return "timestamp-early";
  if (found.committee === undefined || found.operator === undefined) return "seat-unknown";
  if (!isPreimage(found.operator.beaconCommitment, head.beaconReveal)) return "reveal-wrong";
  return found.operator.beaconRevealed >= found.operator.chainLength ? "chain-exhausted" : undefined;
}

/** Starts executing a block on its parent's state: checks its head and does what comes before its transactions. */
export function beginBlock(basis: LedgerBasis, head: BlockHead): Result<BlockExecution, HeadProblem> {
  const { parameters: p, state } = basis;
  const time = blockTime(head.height, p);
  const draft = createDraft(state);
  const committee = draft.read(tables.committees, numberKey(time.term));
  const seat = committee?.seats[head.proposer];
  const known = seat === undefined ? undefined : draft.read(tables.operators, seat.operator);
  const operator = known === undefined ? undefined : renewed(known, time.epoch);
  const problem = headProblem(basis, head, { committee, operator });
  if (problem !== undefined) return err(problem);
  invariant(committee !== undefined && operator !== undefined && seat !== undefined, "the head was checked");
  const epochState = draft.read(tables.epochs, numberKey(time.epoch));
  invariant(epochState !== undefined, "the current epoch has its state", { epoch: time.epoch });
  const { networkId, publicKey } = basis;
  const context = { draft, parameters: p, networkId, time, feeAccount: operator.withdrawal, publicKey };
  draft.write(tables.operators, seat.operator, {
    ...operator,
    beaconCommitment: head.beaconReveal,
    beaconRevealed: operator.beaconRevealed + 1,
  });
  draft.write(
    tables.epochs,
    numberKey(time.epoch),
    withHead(epochState, time, { head, seats: committee.seats.length, p }),
  );
  updateChain(draft, () => ({ height: head.height, parent: head.parent, timestampMs: head.timestampMs }));
  post(context, basis.postings);
  return ok({
    time,
    context,
    settleCost: isSettling(time, p) ? settleCostNow(state, p) : 0,
    apply: (transaction) => applyTransaction(context, transaction),
    finish: () => finishBlock(basis, draft, context),
  });
}

function post(context: ExecutionContext, postings: readonly Posting[]): void {
  const { settledEpochs, posted } = chainOf(context.draft);
  if (posted >= postings.length) return;
  const count = postingsNow(postings.length - posted, context.time.offset, context.parameters);
  for (const row of postings.slice(posted, posted + count)) applyPosting(context, row, settledEpochs);
  updateChain(context.draft, () => ({ posted: posted + count }));
}

function finishBlock(basis: LedgerBasis, draft: RootDraft, context: ExecutionContext): ExecutedBlock {
  const { parameters: p, state, settlement } = basis;
  const { time } = context;
  let record: EpochRecord | undefined;
  if (isSettling(time, p)) {
    invariant(settlement !== undefined && settlement.epoch === time.epoch - 1, "a settlement goes with its epoch");
  }
  if (time.offset === freezeOffset(p)) fixDrawTable(context, operatorsAfter(state, draft.changes()));
  if (time.lastOfEpoch) {
    record = endEpoch(context, time.epoch > 0 ? settlement?.result() : undefined);
  }
  const chain = chainOf(draft);
  invariant(totalOf(chain) === p.supplyAtGenesis + chain.emitted, "money is conserved (L-7)", { height: time.height });
  const changes = draft.changes();
  return {
    state: applyChanges(state, changes),
    changes,
    record,
    settlement: record === undefined ? undefined : settlement,
  };
}
