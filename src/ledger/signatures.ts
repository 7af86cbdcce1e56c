// Which signatures a transaction owes before it may be executed (L-4, I-2, I-4). Pure: it names the checks, with the keys of
// the state that the transaction stands on; whoever has a Verifier carries them out.
import { accountIdOf, type Purpose, type SignatureCheck } from "../crypto/index.ts";
import {
  type AccountId,
  type Bytes,
  type Digest,
  digest,
  equalBytes,
  err,
  ok,
  type Result,
  zeroDigest,
} from "../primitives/index.ts";
import {
  bodyOf,
  challengeCodec,
  proposalStatementCodec,
  receiptCodec,
  responseCodec,
  signingRoot,
  statementRoot,
  transactionCodec,
} from "../schema/index.ts";
import type { SizedTransaction } from "./apply-transaction.ts";
import { accountOf, type ExecutionContext, keyInForce } from "./execution-context.ts";
import type { RejectionReason } from "./reasons.ts";
import { committeeOf } from "./transactions/evidence.ts";

type Checks = Result<readonly SignatureCheck[], RejectionReason>;
interface Owed {
  readonly key: Bytes | undefined;
  readonly object: Digest;
  readonly purpose: Purpose;
  readonly signature: Bytes;
}

/** The key that was an account's in `epoch`: what it signed then is checked later. */
const keyOfAccount = (ctx: ExecutionContext, id: AccountId, epoch: number): Bytes | undefined => {
  const keyId = keyInForce(accountOf(ctx.draft, id), epoch);
  return equalBytes(keyId, zeroDigest) ? undefined : ctx.publicKey(keyId);
};

/** The sender's key: from the chain, or from its first transaction, where it must hash to the account (I-4). */
function senderKey(ctx: ExecutionContext, given: SizedTransaction): Result<Bytes, RejectionReason> {
  const { sender } = given.transaction;
  const shown = given.witness.publicKey[0];
  const keyId = keyInForce(accountOf(ctx.draft, sender), ctx.time.epoch);
  if (equalBytes(keyId, zeroDigest)) {
    // A second transaction in the same block as the first: the key was shown there.
    const before = shown === undefined ? ctx.publicKey(digest(sender)) : undefined;
    if (shown === undefined) return before === undefined ? err("key-missing") : ok(before);
    return equalBytes(accountIdOf(shown), sender) ? ok(shown) : err("key-mismatch");
  }
  if (shown !== undefined) return err("key-unwanted");
  const known = ctx.publicKey(keyId);
  return known === undefined ? err("key-missing") : ok(known);
}

function bodyOwes(ctx: ExecutionContext, given: SizedTransaction): readonly Owed[] | RejectionReason {
  const body = bodyOf(given.transaction);
  if (body.kind === "serviceClaim") {
    return body.value.receipts.map(({ receipt, requesterSignature }) => {
      const key = keyOfAccount(ctx, receipt.requester, body.value.epoch);
      return { key, object: receiptCodec.root(receipt), purpose: "receipt", signature: requesterSignature };
    });
  }
  if (body.kind === "transcript") {
    const { challenge, challengeSignature, response, responseSignature } = body.value.transcript;
    return [
      {
        key: keyOfAccount(ctx, challenge.auditor, body.value.epoch),
        object: challengeCodec.root(challenge),
        purpose: "challenge",
        signature: challengeSignature,
      },
      {
        key: keyOfAccount(ctx, response.prover, body.value.epoch),
        object: responseCodec.root(response),
        purpose: "response",
        signature: responseSignature,
      },
    ];
  }
  return body.kind === "evidence" ? evidenceOwes(ctx, body.value.evidence) : [];
}

/** A seat's signatures are checked with the key it had in that term's committee. */
function evidenceOwes(
  ctx: ExecutionContext,
  { votes, proposals }: Extract<ReturnType<typeof bodyOf>, { kind: "evidence" }>["value"]["evidence"],
): readonly Owed[] | RejectionReason {
  const first = votes[0] ?? proposals[0];
  if (first === undefined) return "fault-unproved";
  const committee = committeeOf(ctx.draft, first.statement.term);
  if (committee === undefined) return "committee-unknown";
  const keyOf = (seat: number): Bytes | undefined => {
    const keyId = committee.seats[seat]?.keyId;
    return keyId === undefined ? undefined : ctx.publicKey(keyId);
  };
  return [
    ...votes.map(
      (vote): Owed => ({
        key: keyOf(vote.seat),
        object: statementRoot(vote.statement),
        purpose: "vote",
        signature: vote.signature,
      }),
    ),
    ...proposals.map(
      (made): Owed => ({
        key: keyOf(made.seat),
        object: digest(proposalStatementCodec.root(made.statement)),
        purpose: "propose",
        signature: made.signature,
      }),
    ),
  ];
}

/** Every signature that must be right for the transaction to be executed on this state; or why none could be. */
export function signaturesOf(ctx: ExecutionContext, given: SizedTransaction): Checks {
  const key = senderKey(ctx, given);
  if (!key.ok) return key;
  const owed = bodyOwes(ctx, given);
  if (typeof owed === "string") return err(owed);
  const checks: SignatureCheck[] = [];
  const own: Owed = {
    key: key.value,
    object: transactionCodec.root(given.transaction),
    purpose: "tx",
    signature: given.witness.signature,
  };
  for (const { key: publicKey, object, purpose, signature } of [own, ...owed]) {
    if (publicKey === undefined) return err("key-missing");
    checks.push({ publicKey, root: signingRoot(object, ctx.networkId, purpose), purpose, signature });
  }
  return ok(checks);
}
