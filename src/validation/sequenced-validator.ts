// Bytes to a verified message for everything that is gossiped with a sequence number, in stages, cheapest first:
// size, decode, known signer, the message's own rules, duplicate, sequence and quota, and the signature last
// (architecture.md, "The runtime"). What a stage learns is remembered only after the signature held: a forged message
// leaves no trace. One instance a topic; the caller bounds how many run at once.
import type { Purpose, Verifier } from "../crypto/index.ts";
import {
  type AccountId,
  type Bytes,
  type Digest,
  err,
  keyOf,
  markVerified,
  ok,
  type Result,
  type Verified,
} from "../primitives/index.ts";
import { type Codec, signingRoot } from "../schema/index.ts";
import type { NetworkView } from "./network-view.ts";
import { Recent } from "./recent.ts";
import { badSignature, ignore, type Rejection, reject } from "./rejection.ts";

export interface SequencedRule<M> {
  readonly codec: Codec<M>;
  readonly purpose: Purpose;
  readonly signer: (message: M) => AccountId;
  readonly objectRoot: (message: M) => Digest;
  readonly signature: (message: M) => Bytes;
  /** What a sequence counts within: a higher one replaces a lower. */
  readonly subject: (message: M) => Bytes;
  readonly seq: (message: M) => number;
  readonly perEpochMax: number;
  /** The rules of this kind of message, each by its id; the first that fails decides. */
  readonly rules: readonly ((message: M, view: NetworkView) => Rejection | undefined)[];
}

export interface ValidatorParts {
  readonly view: NetworkView;
  readonly verifier: Verifier;
  /** Subjects remembered at most. */
  readonly subjectsMax: number;
}

interface Subject {
  readonly seq: number;
  readonly epoch: number;
  readonly count: number;
}

export type Validate<M> = (bytes: Bytes) => Promise<Result<Verified<M>, Rejection>>;

/** The validator of one kind of sequenced message. */
export function createSequencedValidator<M>(rule: SequencedRule<M>, parts: ValidatorParts): Validate<M> {
  const { view, verifier } = parts;
  const subjects = new Recent<Subject>(parts.subjectsMax);

  function checkSequence(subject: string, message: M): Rejection | undefined {
    const known = subjects.get(subject);
    if (known === undefined) return undefined;
    if (rule.seq(message) === known.seq) return ignore("duplicate", "this sequence was seen before");
    if (rule.seq(message) < known.seq)
      return ignore("stale-sequence", `${rule.seq(message)} is not above ${known.seq}`);
    if (known.epoch === view.epoch() && known.count >= rule.perEpochMax) {
      return ignore("quota", `more than ${rule.perEpochMax} an epoch`);
    }
    return undefined;
  }

  function remember(subject: string, message: M): void {
    const known = subjects.get(subject);
    const epoch = view.epoch();
    subjects.set(subject, { seq: rule.seq(message), epoch, count: known?.epoch === epoch ? known.count + 1 : 1 });
  }

  return async (bytes) => {
    const decoded = rule.codec.decode(bytes);
    if (!decoded.ok) return err(reject(decoded.error.code, decoded.error.detail));
    const message = decoded.value;
    const publicKey = view.publicKey(rule.signer(message));
    if (publicKey === undefined) return err(ignore("unknown-signer", "an account this node does not know"));
    for (const check of rule.rules) {
      const rejection = check(message, view);
      if (rejection !== undefined) return err(rejection);
    }
    const subject = keyOf(rule.subject(message));
    const early = checkSequence(subject, message);
    if (early !== undefined) return err(early);
    const root = signingRoot(rule.objectRoot(message), view.networkId, rule.purpose);
    const signed = await verifier.verify({
      publicKey,
      root,
      purpose: rule.purpose,
      signature: rule.signature(message),
    });
    if (!signed) return err(badSignature(view, rule.signer(message)));
    // Another with the same subject may have been verified meanwhile.
    const late = checkSequence(subject, message);
    if (late !== undefined) return err(late);
    remember(subject, message);
    return ok(markVerified(message));
  };
}
