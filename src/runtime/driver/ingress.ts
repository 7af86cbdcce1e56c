// Frames from peers on their way to the core: size, canonical form, right term, anything new in it, form of the message,
// and the signatures last. What passes becomes an input; what no correct peer sends is told as a fault of its sender.
import {
  type Committee,
  certificateOwes,
  isNews,
  type ProposalFault,
  proposalOwes,
  type State,
  seatOf,
  voteOwes,
} from "../../consensus/index.ts";
import type { SignatureCheck, Verifier } from "../../crypto/index.ts";
import type { Verdict } from "../../ports/index.ts";
import {
  type AccountId,
  type Bytes,
  equalBytes,
  err,
  keyOf,
  markVerified,
  type NetworkId,
  ok,
  type Result,
} from "../../primitives/index.ts";
import { type ConsensusMessage, decodeConsensusMessage, type VoteKind, voteKindOf } from "../../schema/index.ts";
import { limits } from "./wire.ts";

/** Verified, and not yet an input: the driver adds the time and its place in the queue. */
export type Admitted =
  | {
      readonly kind: "vote";
      readonly vote: ReturnType<typeof markVerified<Extract<ConsensusMessage, { kind: "vote" }>["vote"]>>;
    }
  | {
      readonly kind: "certificate";
      readonly certificate: ReturnType<
        typeof markVerified<Extract<ConsensusMessage, { kind: "certificate" }>["certificate"]>
      >;
      readonly fromSeat: number | undefined;
    }
  | {
      readonly kind: "proposal";
      readonly proposal: ReturnType<typeof markVerified<Extract<ConsensusMessage, { kind: "proposal" }>["proposal"]>>;
      readonly body: Bytes;
    };

export interface IngressOptions {
  readonly verifier: Verifier;
  readonly networkId: NetworkId;
  readonly state: () => State;
  /** Takes what was verified; false when it had no room. */
  readonly admit: (message: Admitted) => boolean;
  /** The peer is in a later term than we are. */
  readonly onAhead: (from: AccountId) => void;
  readonly onPeerFault: (from: AccountId, code: string) => void;
  readonly onDrop: (reason: string) => void;
}

interface EarlyFrame {
  readonly bytes: Bytes;
  readonly from: AccountId;
}

export class Ingress {
  readonly #options: IngressOptions;
  readonly #verifying = new Map<string, number>();
  /** Certificates whose signatures are being verified, so that copies of one wait for the first. */
  readonly #certificates = new Map<string, Promise<void>>();
  #early: EarlyFrame[] = [];
  #earlyBytes = 0;

  constructor(options: IngressOptions) {
    this.#options = options;
  }

  /** One frame from an authenticated account. Settles when it was judged; never rejects for what is in it. */
  async receive(bytes: Bytes, from: AccountId): Promise<Verdict> {
    const decoded = decodeConsensusMessage(bytes);
    if (!decoded.ok) return this.#fault(from, decoded.error.code);
    const message = decoded.value;
    const term = termOf(message);
    const current = this.#options.state().committee.term;
    if (term !== current) {
      if (term > current) this.#options.onAhead(from);
      if (term === current + 1) this.#keepEarly({ bytes, from });
      return "ignore";
    }
    const account = keyOf(from);
    const verifying = this.#verifying.get(account) ?? 0;
    if (verifying >= limits.verifyingPerAccountMax) {
      this.#options.onDrop("verifying");
      return "ignore";
    }
    this.#verifying.set(account, verifying + 1);
    try {
      return await this.#judge(message, from);
    } finally {
      const left = (this.#verifying.get(account) ?? 1) - 1;
      if (left === 0) this.#verifying.delete(account);
      else this.#verifying.set(account, left);
    }
  }

  /** Frames kept for the term that begins now, oldest first; they are forgotten here. */
  takeEarly(): readonly EarlyFrame[] {
    const frames = this.#early;
    this.#early = [];
    this.#earlyBytes = 0;
    return frames;
  }

  async #judge(message: ConsensusMessage, from: AccountId): Promise<Verdict> {
    const { state } = this.#options;
    if (message.kind === "certificate") await this.#certificates.get(certificateKey(message));
    if (!isNews(state(), message)) return "ignore";
    const owed = this.#owed(state().committee, message);
    if (!owed.ok) return this.#fault(from, owed.error);
    const verified = this.#verifyAll(owed.value.filter((check) => !isKnown(state(), message, check)));
    const key = message.kind === "certificate" ? certificateKey(message) : undefined;
    if (key !== undefined)
      this.#certificates.set(
        key,
        verified.then(() => {}),
      );
    const good = await verified;
    if (key !== undefined) this.#certificates.delete(key);
    if (!good) return this.#fault(from, "signature");
    if (termOf(message) !== state().committee.term || !isNews(state(), message)) return "accept";
    if (!this.#options.admit(this.#admitted(message, from))) this.#options.onDrop("queue");
    return "accept";
  }

  #owed(committee: Committee, message: ConsensusMessage): Result<readonly SignatureCheck[], string> {
    const { networkId } = this.#options;
    if (message.kind === "certificate") return certificateOwes(committee, networkId, message.certificate);
    const owed: Result<SignatureCheck, string | ProposalFault> =
      message.kind === "vote"
        ? voteOwes(committee, networkId, message.vote)
        : proposalOwes(committee, networkId, message.proposal);
    return owed.ok ? ok([owed.value]) : err(owed.error);
  }

  async #verifyAll(checks: readonly SignatureCheck[]): Promise<boolean> {
    const results = await Promise.all(checks.map((check) => this.#options.verifier.verify(check)));
    return results.every((good) => good);
  }

  #admitted(message: ConsensusMessage, from: AccountId): Admitted {
    switch (message.kind) {
      case "vote":
        return { kind: "vote", vote: markVerified(message.vote) };
      case "certificate": {
        const fromSeat = seatOf(this.#options.state().committee, from);
        return { kind: "certificate", certificate: markVerified(message.certificate), fromSeat };
      }
      case "proposal":
        return { kind: "proposal", proposal: markVerified(message.proposal), body: message.body };
    }
  }

  #keepEarly(frame: EarlyFrame): void {
    this.#early.push(frame);
    this.#earlyBytes += frame.bytes.length;
    while (this.#early.length > limits.earlyFramesMax || this.#earlyBytes > limits.earlyBytesMax) {
      this.#earlyBytes -= this.#early.shift()?.bytes.length ?? 0;
      this.#options.onDrop("early");
    }
  }

  #fault(from: AccountId, code: string): Verdict {
    this.#options.onPeerFault(from, code);
    return "reject";
  }
}

const statementOfMessage = (message: ConsensusMessage) => {
  if (message.kind === "vote") return message.vote.statement;
  return message.kind === "certificate" ? message.certificate.statement : message.proposal.statement;
};

const termOf = (message: ConsensusMessage): number => statementOfMessage(message).term;

const certificateKey = (message: Extract<ConsensusMessage, { kind: "certificate" }>): string => {
  const { view, kind, digest } = message.certificate.statement;
  return `${view}/${kind}/${keyOf(digest)}`;
};

/** A signature that stands, byte for byte, in a vote which was verified before. */
function isKnown(state: State, message: ConsensusMessage, check: SignatureCheck): boolean {
  if (message.kind !== "certificate") return false;
  const { view, digest } = message.certificate.statement;
  const votes = state.views.get(view)?.votes[voteKindOf(message.certificate.statement) as VoteKind];
  const seat = state.committee.seats.findIndex(({ publicKey }) => equalBytes(publicKey, check.publicKey));
  const vote = votes?.get(seat);
  return vote !== undefined && equalBytes(vote.statement.digest, digest) && equalBytes(vote.signature, check.signature);
}
