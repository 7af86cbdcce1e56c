// serviceClaim (P-4): what requesters signed that they received. Their signatures were verified before execution.
// Use counts only as far as its requester burned fees: dealing with oneself costs.
import { type AccountId, compareBytes, equalBytes, grains, minBigint, zeroDigest } from "../../primitives/index.ts";
import {
  type AccountState,
  type ClaimUse,
  compoundKey,
  receiptCodec,
  type TransactionBody,
  tables,
} from "../../schema/index.ts";
import { accountOf, burnedIn, type ExecutionContext } from "../execution-context.ts";
import { filingProblem } from "../filing.ts";
import type { RejectionReason } from "../reasons.ts";

type Claim = TransactionBody<"serviceClaim">["value"];

export const claimKey = (epoch: number, assetId: Uint8Array, part: number) => compoundKey(epoch, assetId, part);
export const claimPartsMax = 16;

/** Units of a requester's use that count, and its account after that. */
function countUse(
  account: AccountState,
  use: { readonly epoch: number; readonly units: bigint },
  rules: { readonly burnLeverage: number; readonly unitUseValue: bigint },
): { readonly counted: bigint; readonly account: AccountState } {
  const before = account.useEpoch === use.epoch + 1 ? account.useCounted : 0n;
  const allowance = BigInt(rules.burnLeverage) * burnedIn(account, use.epoch) - before;
  const counted = allowance <= 0n ? 0n : minBigint(use.units, allowance / rules.unitUseValue);
  const useCounted = grains(before + counted * rules.unitUseValue);
  return { counted, account: { ...account, useEpoch: use.epoch + 1, useCounted } };
}

export function serviceClaim(ctx: ExecutionContext, sender: AccountId, body: Claim): RejectionReason | undefined {
  const { draft, parameters: p } = ctx;
  const wrong = filingProblem("serviceClaim", body.epoch, ctx);
  if (wrong !== undefined) return wrong;
  const asset = draft.read(tables.assets, body.assetId);
  if (asset === undefined) return "asset-unknown";
  if (!equalBytes(asset.owner, sender)) return "not-owner";
  if (body.part >= claimPartsMax || body.receipts.length === 0) return "claim-part";
  const key = claimKey(body.epoch, body.assetId, body.part);
  if (draft.read(tables.claims, key) !== undefined) return "claim-part";
  let previous: Uint8Array = zeroDigest;
  if (body.part > 0) {
    const last = draft.read(tables.claims, claimKey(body.epoch, body.assetId, body.part - 1))?.uses.at(-1);
    if (last === undefined) return "claim-part";
    previous = last.requester;
  }
  const uses: ClaimUse[] = [];
  for (const { receipt } of body.receipts) {
    if (compareBytes(previous, receipt.requester) >= 0) return "receipt-order";
    previous = receipt.requester;
    const right =
      receipt.epoch === body.epoch &&
      equalBytes(receipt.assetId, body.assetId) &&
      equalBytes(receipt.provider, sender) &&
      !equalBytes(receipt.requester, sender);
    if (!right) return "receipt-mismatch";
    if (draft.read(tables.accounts, receipt.requester) === undefined) return "requester-unknown";
    const { counted, account } = countUse(accountOf(draft, receipt.requester), receipt, p);
    draft.write(tables.accounts, receipt.requester, account);
    uses.push({ requester: receipt.requester, units: receipt.units, counted, receipt: receiptCodec.root(receipt) });
  }
  draft.write(tables.claims, key, { epoch: body.epoch, assetId: body.assetId, uses });
  return undefined;
}
