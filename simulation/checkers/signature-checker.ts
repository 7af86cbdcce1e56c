// Watches every packet: no honest seat ever signs a pair that could be slashed (S-13), across its restarts; one notarized
// digest a view; no view both finalized and nullified by quorum; and nothing leaves a node before it is in both memories.
// Keeps what everyone signed, so that after a fork it can name who signed what S-13 punishes.
import type { Verifier } from "../../src/crypto/index.ts";
import type { TermCommittee } from "../../src/ports/index.ts";
import {
  type AccountId,
  bigEndian,
  concatBytes,
  equalBytes,
  keyOf,
  type NetworkId,
} from "../../src/primitives/index.ts";
import { driverProtocols, driverSpaces } from "../../src/runtime/driver/index.ts";
import {
  decodeConsensusMessage,
  proposalStatementCodec,
  type Statement,
  signingRoot,
  statementRoot,
  type Vote,
  type VoteKind,
  voteKindOf,
  voteKinds,
} from "../../src/schema/index.ts";
import type { Packet, SimulatedDisk } from "../environment/index.ts";

export interface SignatureCheckerOptions {
  readonly violation: (text: string) => void;
  readonly isHonest: (node: number) => boolean;
  /** Its whole disk was set back: what it signs then is its operator's fault, and counted. */
  readonly forgot: (node: number) => boolean;
  readonly disk: (node: number) => SimulatedDisk;
  readonly quorum: (term: number) => number;
  /** The seat of a node in a term. */
  readonly seat: (term: number, node: number) => number | undefined;
}

export interface Judging {
  readonly verifier: Verifier;
  readonly networkId: NetworkId;
  readonly seats: (term: number) => TermCommittee["record"]["seats"];
}

interface ViewTally {
  /** Statement by seat and kind, of honest seats. */
  readonly own: Map<string, string>;
  /** Seats by kind and digest, of everyone. */
  readonly seats: Map<string, Set<number>>;
  /** Votes that differ, by seat. */
  readonly votes: Map<number, Vote[]>;
}

/** Of each seat and view: more would be rubbish, for three kinds and two digests are enough to blame. */
const votesKeptMax = 16;

export class SignatureChecker {
  readonly #options: SignatureCheckerOptions;
  readonly #views = new Map<string, ViewTally>();
  /** The last view that each node committed, after which its rows in the database are let go. */
  readonly #floors = new Map<number, { readonly term: number; readonly view: number }>();
  votes = 0;
  /** Pairs that S-13 punishes, of nodes whose whole disk was set back. */
  forgottenPairs = 0;

  constructor(options: SignatureCheckerOptions) {
    this.#options = options;
  }

  get views(): number {
    return this.#views.size;
  }

  committed(node: number, at: { readonly term: number; readonly view: number }): void {
    this.#floors.set(node, at);
  }

  see(packet: Packet): void {
    if (packet.kind !== "send" || packet.protocol !== driverProtocols.messages) return;
    const tag = packet.bytes[0];
    if (tag !== 0 && tag !== 2) return;
    const decoded = decodeConsensusMessage(packet.bytes);
    if (!decoded.ok) return;
    const message = decoded.value;
    if (message.kind === "vote") this.#vote(packet.from, message.vote);
    if (message.kind === "proposal") {
      const { term, view } = message.proposal.statement;
      if (this.#options.seat(term, packet.from) !== message.proposal.seat) return;
      const digest = keyOf(proposalStatementCodec.root(message.proposal.statement));
      this.#own({ node: packet.from, term, view, seat: message.proposal.seat }, "propose", digest);
    }
  }

  #tally(term: number, view: number): ViewTally {
    const key = `${term}/${view}`;
    const tally = this.#views.get(key) ?? { own: new Map(), seats: new Map(), votes: new Map() };
    this.#views.set(key, tally);
    return tally;
  }

  #vote(node: number, vote: Vote): void {
    const kind = voteKindOf(vote.statement) as VoteKind;
    const { term, view, digest } = vote.statement;
    this.votes += 1;
    if (this.#options.seat(term, node) === vote.seat)
      this.#own({ node, term, view, seat: vote.seat }, kind, keyOf(digest));
    const tally = this.#tally(term, view);
    remember(tally, vote);
    const key = `${kind} ${keyOf(digest)}`;
    const seats = tally.seats.get(key) ?? new Set<number>();
    tally.seats.set(key, seats);
    if (seats.has(vote.seat)) return;
    seats.add(vote.seat);
    if (seats.size === this.#options.quorum(term)) this.#quorum(tally, { term, view, key });
  }

  #quorum(tally: ViewTally, { term, view, key }: { term: number; view: number; key: string }): void {
    const reached = Array.from(tally.seats).filter(([, seats]) => seats.size >= this.#options.quorum(term));
    const kindOf = (text: string): string => text.split(" ")[0] as string;
    for (const [other] of reached) {
      if (other === key) continue;
      const pair = [kindOf(key), kindOf(other)].sort().join(" and ");
      if (pair === "notarize and notarize" || pair === "finalize and finalize") {
        this.#options.violation(`two blocks with a quorum to ${kindOf(key)} in term ${term} view ${view}`);
      }
      if (pair === "finalize and nullify") {
        this.#options.violation(`term ${term} view ${view} is both finalized and nullified`);
      }
    }
  }

  #own(
    at: { node: number; term: number; view: number; seat: number },
    kind: VoteKind | "propose",
    digest: string,
  ): void {
    const { node, term, view, seat } = at;
    if (!this.#options.isHonest(node)) return;
    const { own } = this.#tally(term, view);
    const key = `${seat} ${kind}`;
    const before = own.get(key);
    if (before === digest) return;
    if (before !== undefined) this.#pair(node, `two different ${kind} in term ${term} view ${view}`);
    own.set(key, digest);
    if (own.has(`${seat} nullify`) && own.has(`${seat} finalize`))
      this.#pair(node, `nullify and finalize in term ${term} view ${view}`);
    this.#durable(at, kind, digest);
  }

  #pair(node: number, what: string): void {
    if (this.#options.forgot(node)) this.forgottenPairs += 1;
    else this.#options.violation(`node ${node} signed ${what}`);
  }

  /** The operators whose votes, seen anywhere and verified, break S-13 together. Proposals are not looked at. */
  async culprits({ verifier, networkId, seats }: Judging): Promise<readonly AccountId[]> {
    const found = new Map<string, AccountId>();
    for (const { votes } of this.#views.values()) {
      for (const [seat, differing] of votes) {
        const [first] = differing;
        const holder = first === undefined ? undefined : seats(first.statement.term)[seat];
        if (holder === undefined || differing.length < 2 || found.has(keyOf(holder.operator))) continue;
        const signed: Vote[] = [];
        for (const vote of differing) {
          const root = signingRoot(statementRoot(vote.statement), networkId, "vote");
          const check = { publicKey: holder.publicKey, root, purpose: "vote", signature: vote.signature } as const;
          if (await verifier.verify(check)) signed.push(vote);
        }
        if (signed.some((one, at) => signed.slice(at + 1).some((other) => breakTogether(one, other))))
          found.set(keyOf(holder.operator), holder.operator);
      }
    }
    return [...found.values()];
  }

  /** S-14: the lock is in the guard and in the database, or the view was left behind by a commit meanwhile. */
  #durable(
    { node, term, view }: { node: number; term: number; view: number },
    kind: VoteKind | "propose",
    digest: string,
  ): void {
    const disk = this.#options.disk(node);
    const guarded = disk.guardRecords.filter(
      (record) => record.term === term && record.view === view && record.kind === kind,
    );
    if (!guarded.some((record) => keyOf(record.digest) === digest)) {
      this.#options.violation(`node ${node} sent a ${kind} of term ${term} view ${view} that is not in its guard`);
    } else if (!guarded.some((record) => record.signatureHash.some((byte) => byte !== 0))) {
      this.#options.violation(
        `node ${node} sent a ${kind} of term ${term} view ${view} before its signature was durable`,
      );
    }
    const floor = this.#floors.get(node);
    if (floor !== undefined && (floor.term > term || (floor.term === term && floor.view >= view))) return;
    const index = kind === "propose" ? voteKinds.length : voteKinds.indexOf(kind);
    const key = concatBytes(bigEndian(term), bigEndian(view), bigEndian(index, 1));
    if (disk.durableValue(driverSpaces.signed, key) === undefined) {
      this.#options.violation(`node ${node} sent a ${kind} of term ${term} view ${view} that is not in its database`);
    }
  }
}

function remember(tally: ViewTally, vote: Vote): void {
  const votes = tally.votes.get(vote.seat) ?? [];
  tally.votes.set(vote.seat, votes);
  if (votes.length < votesKeptMax && !votes.some(({ statement }) => isSame(statement, vote.statement)))
    votes.push(vote);
}

/** Of one view. */
const isSame = (one: Statement, other: Statement): boolean =>
  one.kind === other.kind && equalBytes(one.digest, other.digest) && equalBytes(one.committeeRoot, other.committeeRoot);

/** S-13, for two differing votes of one seat in one view: said here once more, not asked of the code that is watched. */
function breakTogether(one: Vote, other: Vote): boolean {
  const kinds = new Set([voteKindOf(one.statement), voteKindOf(other.statement)]);
  if (kinds.size === 1) return !kinds.has("nullify");
  return kinds.has("nullify") && kinds.has("finalize");
}
