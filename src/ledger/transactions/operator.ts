// registerOperator, renewBeacon, rotateKey and bindNode (L-5, I-3, I-7). What draws use comes into effect in the second epoch
// after, so that nobody can choose it against a beacon that he already knows.
import { accountIdOf, chainLengthMax } from "../../crypto/index.ts";
import { type AccountId, digest, equalBytes, zeroDigest } from "../../primitives/index.ts";
import { type OperatorState, type Parameters, type TransactionBody, tables } from "../../schema/index.ts";
import {
  accountOf,
  addBonds,
  addBurned,
  chainOf,
  debit,
  type ExecutionContext,
  keyInForce,
  openAccount,
  operatorOf,
  updateChain,
} from "../execution-context.ts";
import type { RejectionReason } from "../reasons.ts";

type Body<K extends TransactionBody["kind"]> = TransactionBody<K>["value"];

function chainsProblem(
  chains: Pick<Body<"renewBeacon">, "beaconCommitment" | "auditorCommitment" | "chainLength">,
  p: Parameters,
): RejectionReason | undefined {
  if (chains.chainLength < p.beaconChainMin || chains.chainLength > chainLengthMax) return "chain-length";
  const zero = equalBytes(chains.beaconCommitment, zeroDigest) || equalBytes(chains.auditorCommitment, zeroDigest);
  return zero ? "commitment-zero" : undefined;
}

/** An operator at its registration, genesis' ones too. */
export const newOperator = (
  given: Pick<
    OperatorState,
    "withdrawal" | "bond" | "beaconCommitment" | "auditorCommitment" | "chainLength" | "activeFromEpoch" | "scorePpm"
  >,
): OperatorState => ({
  ...given,
  pending: [],
  unbonding: [],
  beaconRevealed: 0,
  chainGeneration: 0,
  auditorEpoch: given.activeFromEpoch,
  renewal: [],
  auditorBefore: [],
  peerId: new Uint8Array(0),
  prefix: new Uint8Array(5),
  prefixBefore: new Uint8Array(5),
  prefixEpoch: 0,
  bindSeq: 0,
  reportedEpochs: 0,
  seatedTerms: 0,
  assets: 0,
});

export function registerOperator(
  ctx: ExecutionContext,
  sender: AccountId,
  body: Body<"registerOperator">,
): RejectionReason | undefined {
  const { draft, parameters: p } = ctx;
  if (operatorOf(draft, sender) !== undefined) return "operator-exists";
  if (chainOf(draft).operators >= p.operatorsMax) return "operators-full";
  if (body.bond < p.operatorBondMin) return "bond-too-low";
  const problem = chainsProblem(body, p);
  if (problem !== undefined) return problem;
  if (!debit(draft, sender, body.bond + p.registrationFee)) return "balance-too-low";
  addBonds(draft, body.bond);
  addBurned(draft, p.registrationFee);
  updateChain(draft, (chain) => ({ operators: chain.operators + 1 }));
  openAccount(draft, body.withdrawal);
  const activeFromEpoch = ctx.time.epoch + 2;
  draft.write(tables.operators, sender, newOperator({ ...body, activeFromEpoch, scorePpm: p.scoreStartPpm }));
  return undefined;
}

export function renewBeacon(
  ctx: ExecutionContext,
  sender: AccountId,
  body: Body<"renewBeacon">,
): RejectionReason | undefined {
  const operator = operatorOf(ctx.draft, sender);
  if (operator === undefined) return "operator-unknown";
  const current = renewed(operator, ctx.time.epoch);
  if (current.renewal.length > 0) return "renewal-pending";
  const problem = chainsProblem(body, ctx.parameters);
  if (problem !== undefined) return problem;
  ctx.draft.write(tables.operators, sender, { ...current, renewal: [{ ...body, fromEpoch: ctx.time.epoch + 2 }] });
  return undefined;
}

/** The operator with a renewal that is due put in place. */
export function renewed(operator: OperatorState, epoch: number): OperatorState {
  const next = operator.renewal[0];
  if (next === undefined || next.fromEpoch > epoch) return operator;
  return {
    ...operator,
    beaconCommitment: next.beaconCommitment,
    beaconRevealed: 0,
    chainLength: next.chainLength,
    chainGeneration: operator.chainGeneration + 1,
    auditorBefore: [{ commitment: operator.auditorCommitment, epoch: operator.auditorEpoch }],
    auditorCommitment: next.auditorCommitment,
    auditorEpoch: next.fromEpoch,
    renewal: [],
  };
}

/**
 * What the secret of `epoch` must lead to (P-2). The epoch before a renewal is reported while the new chain is in force
 * already: it is still the old chain's.
 */
export function auditorChainAt(
  operator: OperatorState,
  epoch: number,
): Pick<OperatorState, "auditorCommitment" | "auditorEpoch"> {
  const [before] = operator.auditorBefore;
  const old = before !== undefined && epoch < operator.auditorEpoch && epoch >= before.epoch;
  return old ? { auditorCommitment: before.commitment, auditorEpoch: before.epoch } : operator;
}

/** The network prefix that draws of an epoch go by (P-1): nobody binds one against a beacon that he already knows. */
export const prefixAt = (operator: OperatorState, epoch: number): Uint8Array =>
  epoch >= operator.prefixEpoch ? operator.prefix : operator.prefixBefore;

export function rotateKey(
  ctx: ExecutionContext,
  sender: AccountId,
  body: Body<"rotateKey">,
): RejectionReason | undefined {
  const operator = operatorOf(ctx.draft, body.operator);
  if (operator === undefined) return "operator-unknown";
  if (!equalBytes(operator.withdrawal, sender)) return "not-withdrawal";
  const account = accountOf(ctx.draft, body.operator);
  const nextKeyId = digest(accountIdOf(body.publicKey));
  const keyId = keyInForce(account, ctx.time.epoch);
  if (equalBytes(nextKeyId, keyId) || equalBytes(nextKeyId, account.nextKeyId)) return "key-in-use";
  if (equalBytes(keyId, zeroDigest)) return "key-missing";
  // What the key before signed in the last epoch is still to be verified.
  if (account.nextKeyEpoch > 0 && account.nextKeyEpoch >= ctx.time.epoch) return "renewal-pending";
  ctx.draft.write(tables.accounts, body.operator, { ...account, keyId, nextKeyId, nextKeyEpoch: ctx.time.epoch + 2 });
  return undefined;
}

const prefixFormRight = (prefix: Uint8Array): boolean =>
  prefix[0] === 6 || (prefix[4] === 0 && (prefix[0] === 4 || prefix.every((byte) => byte === 0)));

export function bindNode(
  ctx: ExecutionContext,
  sender: AccountId,
  body: Body<"bindNode">,
): RejectionReason | undefined {
  const operator = operatorOf(ctx.draft, sender);
  if (operator === undefined) return "operator-unknown";
  if (body.seq <= operator.bindSeq) return "binding-old";
  if (body.peerId.length === 0 || !prefixFormRight(body.prefix)) return "binding-form";
  ctx.draft.write(tables.operators, sender, {
    ...operator,
    peerId: body.peerId,
    prefix: body.prefix,
    prefixBefore: prefixAt(operator, ctx.time.epoch + 1),
    prefixEpoch: ctx.time.epoch + 2,
    bindSeq: body.seq,
  });
  return undefined;
}
