// Executes one transaction (L-4, L-5, L-8): first what is common to all (size, expiry, nonce, fee), then its kind.
// Total: an invalid one answers its reason and leaves no change. Signatures are the caller's: `signaturesOf` says which.
import { type AccountId, digest, equalBytes, grains, mulPpm, zeroDigest } from "../primitives/index.ts";
import {
  bodyOf,
  type Transaction,
  type TransactionBody,
  type TransactionKind,
  type TransactionWitness,
  tables,
  transactionCodec,
  transactionKinds,
} from "../schema/index.ts";
import { accountOf, addBurned, credit, debit, type ExecutionContext, withBurned } from "./execution-context.ts";
import type { RejectionReason } from "./reasons.ts";
import { appeal } from "./transactions/appeal.ts";
import { registerAsset, retireAsset, updateAsset } from "./transactions/asset.ts";
import { serviceClaim } from "./transactions/claim.ts";
import { evidence } from "./transactions/evidence.ts";
import { bond, transfer, unbond } from "./transactions/money.ts";
import { bindNode, registerOperator, renewBeacon, rotateKey } from "./transactions/operator.ts";
import { reportCommit, reportReveal, transcript } from "./transactions/report.ts";

const longKinds: ReadonlySet<TransactionKind> = new Set(["reportReveal", "serviceClaim", "transcript"]);

const handle = (ctx: ExecutionContext, sender: AccountId, body: TransactionBody): RejectionReason | undefined => {
  switch (body.kind) {
    case "transfer":
      return transfer(ctx, sender, body.value);
    case "registerOperator":
      return registerOperator(ctx, sender, body.value);
    case "renewBeacon":
      return renewBeacon(ctx, sender, body.value);
    case "rotateKey":
      return rotateKey(ctx, sender, body.value);
    case "bindNode":
      return bindNode(ctx, sender, body.value);
    case "bond":
      return bond(ctx, sender, body.value);
    case "unbond":
      return unbond(ctx, sender, body.value);
    case "registerAsset":
      return registerAsset(ctx, sender, body.value);
    case "updateAsset":
      return updateAsset(ctx, sender, body.value);
    case "retireAsset":
      return retireAsset(ctx, sender, body.value);
    case "reportCommit":
      return reportCommit(ctx, sender, body.value);
    case "reportReveal":
      return reportReveal(ctx, sender, body.value);
    case "serviceClaim":
      return serviceClaim(ctx, sender, body.value);
    case "transcript":
      return transcript(ctx, sender, body.value);
    case "appeal":
      return appeal(ctx, sender, body.value);
    case "evidence":
      return evidence(ctx, sender, body.value);
    default:
      return "kind-not-active";
  }
};

/** The fixed part and the part by size (L-8); the tip comes on top. */
export const feeOf = (size: number, rules: { readonly feeBase: bigint; readonly feePerByte: bigint }): bigint =>
  rules.feeBase + rules.feePerByte * BigInt(size);

export interface SizedTransaction {
  readonly transaction: Transaction;
  readonly witness: TransactionWitness;
  /** Bytes of the transaction without its witness. */
  readonly size: number;
}

export const sized = (signed: Pick<SizedTransaction, "transaction" | "witness">): SizedTransaction => ({
  transaction: signed.transaction,
  witness: signed.witness,
  size: transactionCodec.encode(signed.transaction).length,
});

/** Checks that need no execution: kind, size, expiry and nonce. */
export function headProblem(ctx: ExecutionContext, given: SizedTransaction): RejectionReason | undefined {
  const { transaction, size } = given;
  const { parameters: p } = ctx;
  const kind = transactionKinds[transaction.body.selector];
  if (kind === undefined) return "kind-unknown";
  if (size > (longKinds.has(kind) ? p.longTransactionBytesMax : p.transactionBytesMax)) return "too-large";
  if (ctx.time.height > transaction.expiresHeight) return "expired";
  const { nonce } = accountOf(ctx.draft, transaction.sender);
  if (transaction.nonce === nonce) return undefined;
  return transaction.nonce < nonce ? "nonce-too-low" : "nonce-too-high";
}

/** Executes a transaction whose signatures were verified; on a reason, `ctx.draft` is as it was. */
export function applyTransaction(ctx: ExecutionContext, given: SizedTransaction): RejectionReason | undefined {
  const problem = headProblem(ctx, given);
  if (problem !== undefined) return problem;
  const { transaction, size } = given;
  const { sender } = transaction;
  const draft = ctx.draft.fork();
  const inner: ExecutionContext = { ...ctx, draft };
  const fee = feeOf(size, ctx.parameters);
  // An account begins with what it is given (I-4), even where nothing costs a fee.
  if (draft.read(tables.accounts, sender) === undefined || !debit(draft, sender, fee + transaction.tip)) {
    return "balance-too-low";
  }
  const burned = ctx.feeAccount === undefined ? fee + transaction.tip : mulPpm(fee, ctx.parameters.feeBurnPpm);
  addBurned(draft, burned);
  if (ctx.feeAccount !== undefined) credit(draft, ctx.feeAccount, fee + transaction.tip - burned);
  const account = accountOf(draft, sender);
  const keyId = equalBytes(account.keyId, zeroDigest) ? digest(sender) : account.keyId;
  const counted = withBurned({ ...account, keyId, nonce: account.nonce + 1 }, ctx.time.epoch, grains(burned));
  draft.write(tables.accounts, sender, counted);
  const refused = handle(inner, sender, bodyOf(transaction));
  if (refused !== undefined) return refused;
  if (!draft.fits()) return "state-full";
  draft.merge();
  return undefined;
}
