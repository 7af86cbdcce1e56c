// What the end of an epoch does besides its transactions. When inputs freeze: the draw table of the next epoch. In the last
// block: the record of the epoch before, the next beacon, at a term's end the committee of the term after next (S-10), and
// forgetting what is out of date (L-9).
import { type AccountId, type Bytes, type Digest, digest, grains, invariant } from "../primitives/index.ts";
import {
  type CommitteeRecord,
  type CommitteeState,
  committeeCodec,
  type DrawTable,
  type EpochRecord,
  type EpochState,
  numberKey,
  type OperatorState,
  type Parameters,
  tables,
} from "../schema/index.ts";
import type { Draft } from "./draft.ts";
import { createUrn, drawCommittee, drawWeight } from "./draws.ts";
import type { EpochOutcome } from "./epoch-settlement.ts";
import { accountOf, type ExecutionContext, keyInForce, operatorOf, updateChain } from "./execution-context.ts";
import { prefixAt } from "./transactions/operator.ts";

/** Fewer eligible operators than this leave the old committee in place. */
export const eligibleMin = 4;
/** More than a term's: the order of its leaders comes from the record of the epoch before its first but one. */
export const recordsKept = 512;

export const newEpoch = (epoch: number, beacon: Digest): EpochState => ({
  epoch,
  beacon,
  accumulated: beacon,
  drawReveal: digest(new Uint8Array(32)),
  proposed: [],
  sampled: [],
  samples: 0,
  windows: [],
});

/** Everyone who weighs anything in an epoch, ascending by id; changes of this block included. */
export function drawTableOf(
  operators: Iterable<readonly [AccountId, OperatorState]>,
  epoch: number,
  p: Parameters,
): DrawTable {
  const entries: DrawTable["entries"] = [];
  for (const [operator, state] of operators) {
    const weight = drawWeight(state, epoch, p);
    if (weight > 0n) entries.push({ operator, weight, prefix: prefixAt(state, epoch) });
  }
  return { epoch, entries };
}

/** The record that votes commit to: seats with the keys they have when the term begins. */
export function committeeRecordOf(
  term: number,
  operators: readonly AccountId[],
  keys: {
    readonly keyId: (operator: AccountId) => Digest;
    readonly publicKey: (keyId: Digest) => Bytes | undefined;
  },
): { readonly record: CommitteeRecord; readonly state: CommitteeState } {
  const seats = operators.map((operator) => {
    const keyId = keys.keyId(operator);
    const publicKey = keys.publicKey(keyId);
    invariant(publicKey !== undefined, "the chain knows the key of an operator", { operator });
    return { operator, keyId, publicKey };
  });
  const record = { term, seats: seats.map(({ operator, publicKey }) => ({ operator, publicKey })) };
  const root = committeeCodec.root(record);
  return { record, state: { term, root, seats: seats.map(({ operator, keyId }) => ({ operator, keyId })) } };
}

/** Draws the committee of the term after next, from those who reported on the last full epoch. */
function drawNextCommittee(ctx: ExecutionContext, table: DrawTable, beacon: Digest): CommitteeState {
  const { draft, parameters: p, time } = ctx;
  const eligible = table.entries.filter(({ operator }) => operatorOf(draft, operator)?.reportedEpochs === time.epoch);
  const term = time.term + 2;
  const urn = createUrn({ epoch: table.epoch, entries: eligible });
  const rules = { seats: p.seatsMax, prefixRules: p.prefixRules === 1 };
  const drawn = eligible.length < eligibleMin ? [] : drawCommittee(urn, beacon, rules);
  const before = draft.read(tables.committees, numberKey(time.term + 1))?.seats.map((seat) => seat.operator) ?? [];
  const operators = drawn.length < eligibleMin ? before : drawn;
  const { state } = committeeRecordOf(term, operators, {
    keyId: (id) => keyInForce(accountOf(draft, id), term * p.termEpochs),
    publicKey: ctx.publicKey,
  });
  draft.write(tables.committees, numberKey(term), state);
  for (const id of operators) {
    const operator = operatorOf(draft, id);
    if (operator !== undefined) draft.write(tables.operators, id, { ...operator, seatedTerms: term + 1 });
  }
  return state;
}

/** Writes the record and books the emission: from here on the postings are owed (L-7, R-5). */
function book(
  draft: Draft,
  outcome: EpochOutcome,
  closing: Pick<EpochRecord, "beacon" | "committeeRoot">,
): EpochRecord {
  const record: EpochRecord = { ...outcome.record, ...closing };
  const owed = outcome.postings.reduce((sum, row) => sum + row.amount, 0n);
  updateChain(draft, (chain) => ({
    emitted: grains(chain.emitted + record.emission),
    treasury: grains(chain.treasury + record.treasury),
    uncredited: grains(chain.uncredited + owed),
    kinds: outcome.settled.nextKinds.slice(),
    settledEpochs: record.epoch + 1,
    posted: 0,
  }));
  draft.write(tables.records, numberKey(record.epoch), record);
  return record;
}

function forget(ctx: ExecutionContext): void {
  const { draft, parameters: p, time } = ctx;
  const drop = (
    table: typeof tables.epochs | typeof tables.drawTables | typeof tables.records,
    epoch: number,
  ): void => {
    if (epoch >= 0 && draft.read<unknown>(table as never, numberKey(epoch)) !== undefined) {
      draft.write<unknown>(table as never, numberKey(epoch), undefined);
    }
  };
  drop(tables.epochs, time.epoch - 3);
  drop(tables.drawTables, time.epoch - 3);
  drop(tables.records, time.epoch - 1 - recordsKept);
  const oldTerm = Math.floor((time.epoch - p.evidenceEpochs) / p.termEpochs) - 2;
  if (time.lastOfTerm && oldTerm >= 0) draft.write(tables.committees, numberKey(oldTerm), undefined);
}

/**
 * Fixes who weighs what in the next epoch's draws, a sixth of an epoch before their beacon is known: whoever proposes its last
 * blocks could else try unbondings of his own until a draw suits him.
 */
export function fixDrawTable(ctx: ExecutionContext, operators: Iterable<readonly [AccountId, OperatorState]>): void {
  const epoch = ctx.time.epoch + 1;
  ctx.draft.write(tables.drawTables, numberKey(epoch), drawTableOf(operators, epoch, ctx.parameters));
}

/** Closes the epoch of `ctx.time`; `outcome` settles the epoch before it, and is absent in the first. */
export function endEpoch(ctx: ExecutionContext, outcome: EpochOutcome | undefined): EpochRecord | undefined {
  const { draft, time } = ctx;
  const current = draft.read(tables.epochs, numberKey(time.epoch));
  invariant(current !== undefined, "the current epoch has its state", { epoch: time.epoch });
  const beacon = current.accumulated;
  const table = draft.read(tables.drawTables, numberKey(time.epoch + 1));
  invariant(table !== undefined, "the next epoch's draw table was fixed when inputs froze", { epoch: time.epoch });
  draft.write(tables.epochs, numberKey(time.epoch + 1), newEpoch(time.epoch + 1, beacon));
  const committee = time.lastOfTerm ? drawNextCommittee(ctx, table, beacon) : undefined;
  forget(ctx);
  if (outcome === undefined) return undefined;
  return book(draft, outcome, { beacon, committeeRoot: committee?.root ?? digest(new Uint8Array(32)) });
}
