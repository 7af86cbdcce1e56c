// What can exist in the small model: four seats, blocks by name, votes by number. Everything is made once and then only looked
// up, so that states are compared by small numbers. Signatures are fillers: the core never looks at one.
import { type Committee, committeeOf, leaderOf, statementOf } from "../../src/consensus/index.ts";
import { sha256 } from "../../src/crypto/index.ts";
import {
  accountId,
  bigEndian,
  type Digest,
  digest,
  invariant,
  keyOf,
  utf8ToBytes,
  zeroDigest,
} from "../../src/primitives/index.ts";
import {
  type BlockFacts,
  type Proposal,
  publicKeyBytes,
  type Statement,
  signatureBytes,
  type Vote,
  type VoteKind,
  voteKinds,
} from "../../src/schema/index.ts";

const modelSeats = 4;

/** Seat 0 leads view 1, seat 1 view 2, and so on: the beacon was looked for. */
function modelCommittee(): Committee {
  const seats = Array.from({ length: modelSeats }, (_, seat) => ({
    operator: accountId(new Uint8Array(32).fill(seat + 1)),
    publicKey: new Uint8Array(publicKeyBytes).fill(seat + 1),
  }));
  const root = digest(new Uint8Array(32).fill(0xc0));
  for (let counter = 0; ; counter++) {
    const committee = committeeOf({ term: 0, seats }, root, sha256(bigEndian(counter)));
    if (committee.leaders.every((seat, index) => seat === index)) return committee;
  }
}

export interface Block {
  readonly name: string;
  readonly facts: BlockFacts;
  readonly parent: Block | undefined;
}

/** One thing that a quorum can certify. */
export interface Subject {
  readonly index: number;
  readonly kind: VoteKind;
  readonly view: number;
  readonly statement: Statement;
  readonly block: Block | undefined;
}

export class Universe {
  readonly committee = modelCommittee();
  readonly genesis: Block;
  /** The last height of the term, where a block may certify itself as a parent (S-10); none when 0. */
  readonly #lastHeight: number;
  readonly #blocks = new Map<string, Block>();
  readonly #subjects = new Map<string, Subject>();
  readonly subjects: Subject[] = [];

  constructor(lastHeight: number) {
    this.#lastHeight = lastHeight;
    this.genesis = this.#keep("g", undefined);
  }

  /** The block called `name` on `parent`. */
  block(name: string, parent: Block): Block {
    return (
      this.#blocks.get(keyOf(sha256(utf8ToBytes(`${name}(${parent.name})`)))) ??
      this.#keep(`${name}(${parent.name})`, parent)
    );
  }

  blockOf(wanted: Digest): Block {
    const block = this.#blocks.get(keyOf(wanted));
    invariant(block !== undefined, "the model knows every block", {});
    return block;
  }

  #keep(name: string, parent: Block | undefined): Block {
    const own = sha256(utf8ToBytes(name));
    const height = parent === undefined ? 0 : parent.facts.height + 1;
    const facts: BlockFacts = {
      digest: own,
      parent: parent?.facts.digest ?? zeroDigest,
      height,
      term: 0,
      timestampMs: 0,
      lastOfTerm: height > 0 && height === this.#lastHeight,
    };
    const block = { name, facts, parent };
    this.#blocks.set(keyOf(own), block);
    return block;
  }

  subject(statement: Statement): Subject {
    const kind = voteKinds[statement.kind] as VoteKind;
    const key = `${statement.view}/${kind}/${keyOf(statement.digest)}`;
    const known = this.#subjects.get(key);
    if (known !== undefined) return known;
    const block = kind === "nullify" ? undefined : this.blockOf(statement.digest);
    const subject = { index: this.subjects.length, kind, view: statement.view, statement, block };
    this.subjects.push(subject);
    this.#subjects.set(key, subject);
    return subject;
  }

  vote(subject: Subject, seat: number): Vote {
    return { statement: subject.statement, seat, signature: signatureOf(seat) };
  }

  nullification(view: number): Subject {
    return this.subject(statementOf(this.committee, view, { kind: "nullify" }));
  }

  proposal(view: number, parentView: number, block: Block): Proposal {
    const { term, root } = this.committee;
    const statement = { term, committeeRoot: root, view, parentView, digest: block.facts.digest };
    const seat = leaderOf(this.committee, view);
    return { statement, seat, signature: signatureOf(seat) };
  }
}

export function signatureOf(seat: number): Uint8Array {
  const signature = new Uint8Array(signatureBytes);
  signature[0] = seat + 1;
  return signature;
}

/** Whether one block is the other or an ancestor of it. */
export function onOneChain(a: Block, b: Block): boolean {
  const [low, high] = a.facts.height <= b.facts.height ? [a, b] : [b, a];
  let at: Block | undefined = high;
  while (at !== undefined && at.facts.height > low.facts.height) at = at.parent;
  return at === low;
}
