// transfer, bond and unbond (L-5, I-7). An unbonding bond leaves draws at once and is paid out by a later posting.
import { type AccountId, equalBytes, grains, minBigint, zeroDigest } from "../../primitives/index.ts";
import {
  type AmountAtEpoch,
  type AssetState,
  type OperatorState,
  pendingBondsMax,
  type TransactionBody,
  tables,
  unbondingsMax,
} from "../../schema/index.ts";
import { addBonds, addBurned, credit, debit, type ExecutionContext, operatorOf } from "../execution-context.ts";
import type { RejectionReason } from "../reasons.ts";

type Body<K extends TransactionBody["kind"]> = TransactionBody<K>["value"];

export function transfer(
  ctx: ExecutionContext,
  sender: AccountId,
  body: Body<"transfer">,
): RejectionReason | undefined {
  if (body.amount === 0n) return "amount-zero";
  // An account stays for good: whoever opens one pays for its place in everyone's state (ADR 18).
  const known = ctx.draft.read(tables.accounts, body.to) !== undefined;
  const fee = known ? 0n : ctx.parameters.accountFee;
  if (!debit(ctx.draft, sender, body.amount + fee)) return "balance-too-low";
  if (!known) addBurned(ctx.draft, fee);
  credit(ctx.draft, body.to, body.amount);
  return undefined;
}

/** The list with an amount more at `epoch`; undefined when it is full. */
function addAmount(list: readonly AmountAtEpoch[], more: AmountAtEpoch, max: number): AmountAtEpoch[] | undefined {
  const index = list.findIndex((entry) => entry.epoch === more.epoch);
  if (index < 0) return list.length < max ? [...list, more] : undefined;
  return list.map((entry, at) => (at === index ? { ...entry, amount: grains(entry.amount + more.amount) } : entry));
}

/** Pending parts that have come into effect are no longer told apart. */
const stillPending = (operator: OperatorState, epoch: number): AmountAtEpoch[] =>
  operator.pending.filter((part) => part.epoch > epoch);

export function bond(ctx: ExecutionContext, sender: AccountId, body: Body<"bond">): RejectionReason | undefined {
  const operator = operatorOf(ctx.draft, body.operator);
  if (operator === undefined) return "operator-unknown";
  if (body.amount === 0n) return "amount-zero";
  const onAsset = !equalBytes(body.assetId, zeroDigest);
  const asset = onAsset ? ctx.draft.read(tables.assets, body.assetId) : undefined;
  if (onAsset && asset === undefined) return "asset-unknown";
  if (asset !== undefined && !equalBytes(asset.owner, body.operator)) return "not-owner";
  if (asset !== undefined && asset.retiredEpochs > 0) return "asset-retired";
  if (!debit(ctx.draft, sender, body.amount)) return "balance-too-low";
  addBonds(ctx.draft, body.amount);
  if (asset !== undefined) {
    ctx.draft.write(tables.assets, body.assetId, { ...asset, bond: grains(asset.bond + body.amount) });
    return undefined;
  }
  // Draws count it from the second epoch after, so that nobody bonds against a beacon that he knows.
  const { epoch } = ctx.time;
  const pending = addAmount(stillPending(operator, epoch), { amount: body.amount, epoch: epoch + 2 }, pendingBondsMax);
  if (pending === undefined) return "pending-full";
  ctx.draft.write(tables.operators, body.operator, { ...operator, bond: grains(operator.bond + body.amount), pending });
  return undefined;
}

/** When a bond that starts unbonding now is paid out (L-5): it stays slashable for every term it sat in. */
function releaseEpoch(ctx: ExecutionContext, operator: OperatorState): number {
  const { parameters: p, time } = ctx;
  const seatedEnd = operator.seatedTerms * p.termEpochs + p.evidenceEpochs;
  const trusted = time.epoch + p.trustingEpochs + p.evidenceEpochs;
  return Math.max(seatedEnd, trusted, time.epoch + p.unbondingEpochs) + 1;
}

/** Takes `amount` out of the newest pending parts first. */
function lessPending(pending: readonly AmountAtEpoch[], amount: bigint): AmountAtEpoch[] {
  let rest = amount;
  const kept = pending.slice().sort((a, b) => b.epoch - a.epoch);
  return kept
    .map((part) => {
      const taken = minBigint(part.amount, rest);
      rest -= taken;
      return { ...part, amount: grains(part.amount - taken) };
    })
    .filter((part) => part.amount > 0n);
}

export function unbond(ctx: ExecutionContext, sender: AccountId, body: Body<"unbond">): RejectionReason | undefined {
  const operator = operatorOf(ctx.draft, body.operator);
  if (operator === undefined) return "operator-unknown";
  if (!equalBytes(operator.withdrawal, sender)) return "not-withdrawal";
  if (body.amount === 0n) return "amount-zero";
  const part = { amount: body.amount, epoch: releaseEpoch(ctx, operator) };
  if (!equalBytes(body.assetId, zeroDigest)) return unbondAsset(ctx, body, part);
  const left = operator.bond - body.amount;
  if (left < 0n || (left > 0n && left < ctx.parameters.operatorBondMin)) return "bond-too-low";
  const unbonding = addAmount(operator.unbonding, part, unbondingsMax);
  if (unbonding === undefined) return "unbonding-full";
  const pending = lessPending(stillPending(operator, ctx.time.epoch), body.amount);
  ctx.draft.write(tables.operators, body.operator, { ...operator, bond: grains(left), pending, unbonding });
  return undefined;
}

function unbondAsset(ctx: ExecutionContext, body: Body<"unbond">, part: AmountAtEpoch): RejectionReason | undefined {
  const asset: AssetState | undefined = ctx.draft.read(tables.assets, body.assetId);
  if (asset === undefined) return "asset-unknown";
  if (!equalBytes(asset.owner, body.operator)) return "not-owner";
  const left = asset.bond - body.amount;
  const least = asset.retiredEpochs > 0 ? 0n : ctx.parameters.assetBondMin;
  if (left < least) return "bond-too-low";
  const unbonding = addAmount(asset.unbonding, part, unbondingsMax);
  if (unbonding === undefined) return "unbonding-full";
  ctx.draft.write(tables.assets, body.assetId, { ...asset, bond: grains(left), unbonding });
  return undefined;
}
