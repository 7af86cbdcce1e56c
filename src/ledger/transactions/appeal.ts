// appeal (P-6): an owner that finds itself misjudged puts down a deposit before its epoch is settled, and a larger draw audits
// the asset again in an epoch whose beacon nobody knows yet. Judged when that epoch is settled (settlement-appeals.ts).
import { type AccountId, equalBytes, grains } from "../../primitives/index.ts";
import { compoundKey, type DrawEntry, numberKey, type TransactionBody, tables } from "../../schema/index.ts";
import { auditDraw, urnOf } from "../draws.ts";
import { debit, type ExecutionContext, updateChain } from "../execution-context.ts";
import { filingProblem } from "../filing.ts";
import type { RejectionReason } from "../reasons.ts";
import { activeIn } from "./asset.ts";

/** Epochs from the one that is appealed to the one in which the larger draw audits: filed in the next, drawn two later. */
export const reauditDistance = 3;

export const appealKey = (epoch: number, assetId: Uint8Array) => compoundKey(epoch, assetId);

export function appeal(
  ctx: ExecutionContext,
  sender: AccountId,
  body: TransactionBody<"appeal">["value"],
): RejectionReason | undefined {
  const { draft, parameters: p } = ctx;
  const wrong = filingProblem("appeal", body.epoch, ctx);
  if (wrong !== undefined) return wrong;
  const asset = draft.read(tables.assets, body.assetId);
  if (asset === undefined) return "asset-unknown";
  if (!equalBytes(asset.owner, sender)) return "not-owner";
  if (body.deposit < p.appealDeposit) return "deposit-too-low";
  const table = draft.read(tables.drawTables, numberKey(body.epoch));
  const beacon = draft.read(tables.epochs, numberKey(body.epoch))?.beacon;
  if (!activeIn(asset, body.epoch) || table === undefined || beacon === undefined) return "appeal-nothing";
  const key = appealKey(body.epoch, body.assetId);
  if (draft.read(tables.appeals, key) !== undefined) return "appeal-exists";
  if (!debit(draft, sender, body.deposit)) return "balance-too-low";
  updateChain(draft, (chain) => ({ deposits: grains(chain.deposits + body.deposit) }));
  const draw = auditDraw(urnOf(table), beacon, { count: p.auditorsPerAsset, prefixRules: p.prefixRules === 1 });
  const auditors = draw({ assetId: body.assetId, owner: sender }).map(
    (at) => (table.entries[at] as DrawEntry).operator,
  );
  draft.write(tables.appeals, key, {
    epoch: body.epoch,
    assetId: body.assetId,
    appellant: sender,
    deposit: body.deposit,
    auditors,
    recorded: false,
    measured: 0n,
    passPpm: 0,
    stood: 0n,
  });
  return undefined;
}
