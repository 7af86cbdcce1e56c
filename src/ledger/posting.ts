// Carries out what a settled epoch changes, some rows a block: credits, scores, outcomes, group averages, releases of
// bonds that are due, and records that are done with.
import { sha256 } from "../crypto/index.ts";
import { type AccountId, type AssetId, grains } from "../primitives/index.ts";
import { type AmountAtEpoch, type AssetState, type OperatorState, type Posting, tables } from "../schema/index.ts";
import { addBonds, credit, type ExecutionContext, operatorOf, updateChain } from "./execution-context.ts";
import { appealSteps } from "./settlement-appeals.ts";
import { burnBond, slash } from "./slashing.ts";

/** Bonds whose delay is over: what is paid out and what stays. */
function due(
  unbonding: readonly AmountAtEpoch[],
  epoch: number,
): { readonly amount: bigint; readonly rest: AmountAtEpoch[] } {
  const rest = unbonding.filter((part) => part.epoch > epoch);
  const amount = unbonding.reduce((sum, part) => (part.epoch > epoch ? sum : sum + part.amount), 0n);
  return { amount, rest };
}

function payOut(ctx: ExecutionContext, to: AccountId, amount: bigint): void {
  if (amount === 0n) return;
  addBonds(ctx.draft, -amount);
  credit(ctx.draft, to, amount);
}

/** Section 10: the score moves by a part of its distance from the epoch's sample. */
const movedScore = (score: number, samplePpm: number, divisor: number): number =>
  score + Math.trunc((samplePpm - score) / divisor);

function postOperator(ctx: ExecutionContext, row: Posting): void {
  const { draft, parameters: p, time } = ctx;
  const id = row.key as Uint8Array as AccountId;
  if (row.amount > 0n) {
    updateChain(draft, (chain) => ({ uncredited: grains(chain.uncredited - row.amount) }));
    credit(draft, row.to, row.amount);
  }
  slash(draft, id, row.slashPpm);
  const operator = operatorOf(draft, id);
  if (operator === undefined) return;
  const seatedUntil = operator.seatedTerms * p.termEpochs + p.evidenceEpochs;
  // Without a bond it sits only where an old committee stays for want of others: then what is unbonding answers for it.
  const held = operator.bond === 0n && seatedUntil > time.epoch;
  const { amount, rest } = held ? { amount: 0n, rest: operator.unbonding } : due(operator.unbonding, time.epoch);
  payOut(ctx, operator.withdrawal, amount);
  const scorePpm = row.sampled ? movedScore(operator.scorePpm, row.samplePpm, p.scoreDivisor) : operator.scorePpm;
  const next: OperatorState = { ...operator, scorePpm, unbonding: rest };
  const gone = next.bond === 0n && rest.length === 0 && next.assets === 0 && seatedUntil <= time.epoch;
  if (gone) updateChain(draft, (chain) => ({ operators: chain.operators - 1 }));
  draft.write(tables.operators, id, gone ? undefined : next);
}

function postAsset(ctx: ExecutionContext, row: Posting, settledEpochs: number): void {
  const { draft, time } = ctx;
  const asset: AssetState | undefined = draft.read(tables.assets, row.key);
  if (asset === undefined) return;
  const { amount, rest } = due(asset.unbonding, time.epoch);
  const owner = operatorOf(draft, asset.owner);
  payOut(ctx, owner?.withdrawal ?? asset.owner, amount);
  // What it is measured by was changed since: an outcome of before says nothing of it.
  const changed = asset.activeFromEpoch >= settledEpochs;
  const outcome = changed
    ? asset.outcome
    : row.sampled
      ? { measured: row.measured, passPpm: row.samplePpm, measuredEpochs: settledEpochs, held: false }
      : { ...asset.outcome, held: asset.outcome.held || row.group === 1 };
  if (asset.retiredEpochs > 0 && asset.bond === 0n && rest.length === 0) {
    draft.write(tables.assets, row.key as Uint8Array as AssetId, undefined);
    updateChain(draft, (chain) => ({ assets: chain.assets - 1 }));
    if (owner !== undefined) draft.write(tables.operators, asset.owner, { ...owner, assets: owner.assets - 1 });
    return;
  }
  draft.write(tables.assets, row.key, { ...asset, outcome, unbonding: rest });
}

function postGroup(ctx: ExecutionContext, row: Posting): void {
  const key = sha256(Uint8Array.of(row.kind, row.group), row.key);
  const empty = row.measured === 0n && row.supply === 0n;
  const { kind, group, measured: demand, supply } = row;
  ctx.draft.write(tables.groups, key, empty ? undefined : { kind, group, key: row.key, demand, supply });
}

/** P-6: what the appealed epoch found is noted, or the appeal is decided and forgotten. */
function postAppeal(ctx: ExecutionContext, row: Posting): void {
  const { draft } = ctx;
  const appeal = draft.read(tables.appeals, row.key);
  if (appeal === undefined) return;
  if (row.kind === appealSteps.record) {
    const { measured, samplePpm: passPpm, supply: stood } = row;
    draft.write(tables.appeals, row.key, { ...appeal, recorded: true, measured, passPpm, stood });
    return;
  }
  updateChain(draft, (chain) => ({ deposits: grains(chain.deposits - appeal.deposit) }));
  if (row.kind === appealSteps.rejected) {
    updateChain(draft, (chain) => ({ treasury: grains(chain.treasury + appeal.deposit) }));
  } else credit(draft, appeal.appellant, appeal.deposit);
  if (row.kind === appealSteps.upheld) {
    for (const [place, auditor] of appeal.auditors.entries()) {
      if (((appeal.stood >> BigInt(place)) & 1n) === 1n) burnBond(draft, auditor, row.measured);
    }
  }
  draft.write(tables.appeals, row.key, undefined);
}

/** Carries out one row of the epoch that was settled last. */
export function applyPosting(ctx: ExecutionContext, row: Posting, settledEpochs: number): void {
  if (row.space === tables.operators.space) postOperator(ctx, row);
  else if (row.space === tables.assets.space) postAsset(ctx, row, settledEpochs);
  else if (row.space === tables.groups.space) postGroup(ctx, row);
  else if (row.space === tables.appeals.space) postAppeal(ctx, row);
  else {
    for (const table of [tables.reports, tables.reportParts, tables.claims]) {
      if (table.space === row.space) ctx.draft.write<unknown>(table as never, row.key, undefined);
    }
  }
}
