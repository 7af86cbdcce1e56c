// One honest seat of the small model: the real createState() and step(), with the driver's part done at once (lock, sign,
// store, execute, build), so that an action of the model is one thing that the outside world did to the seat.
import {
  createState,
  type Effect,
  type Input,
  type State,
  step,
  timingOf,
  type ViewRecord,
} from "../../src/consensus/index.ts";
import { type Digest, keyOf, markVerified, sortedEntries } from "../../src/primitives/index.ts";
import {
  type BlockFacts,
  type Certificate,
  type Proposal,
  proposalStatementCodec,
  type Vote,
  type VoteKind,
  voteKinds,
} from "../../src/schema/index.ts";
import { type Subject, signatureOf, type Universe } from "./universe.ts";

export type Action =
  | { readonly kind: "timeout" }
  | { readonly kind: "restart" }
  /** A restart on a database that was set back to the beginning; the guard still has every lock (S-14). */
  | { readonly kind: "roll-back" }
  | { readonly kind: "certificate"; readonly certificate: Certificate }
  | { readonly kind: "proposal"; readonly proposal: Proposal };

/** A seat and what its disk holds. Immutable. */
export interface Seat {
  readonly state: State;
  /** Everything it ever signed. */
  readonly votes: readonly Vote[];
  readonly proposals: readonly Proposal[];
  /** Certificates on the disk, and those that the next synchronous batch takes there (S-14). */
  readonly durable: readonly Certificate[];
  readonly waiting: readonly Certificate[];
  readonly floor: State["floor"];
}

const timing = timingOf(500, 1000);
/** Time stands still: every block interval has passed, and no timer fires but by an action. */
const nowMs = 1_000_000;

export class SeatModel {
  readonly #universe: Universe;
  readonly #seat: number;

  constructor(universe: Universe, seat: number) {
    this.#universe = universe;
    this.#seat = seat;
  }

  begin(): Seat {
    const floor = this.#genesisFloor();
    const state = createState({ committee: this.#universe.committee, seat: this.#seat, timing, floor });
    return this.#feed({ state, votes: [], proposals: [], durable: [], waiting: [], floor }, { kind: "start", nowMs });
  }

  /** The seat after an action; the same object when the action changes nothing. */
  act(seat: Seat, action: Action): Seat {
    switch (action.kind) {
      case "timeout":
        return this.#feed(seat, { kind: "timer", token: seat.state.timers.advance, nowMs });
      case "certificate":
        return this.#feed(seat, {
          kind: "certificate",
          certificate: markVerified(action.certificate),
          fromSeat: undefined,
          nowMs,
        });
      case "proposal":
        return this.#feed(seat, { kind: "proposal", proposal: markVerified(action.proposal), nowMs });
      case "restart":
        return this.#restart(seat, seat);
      case "roll-back":
        return this.#restart({ ...seat, durable: [], floor: this.#genesisFloor() }, { votes: [], proposals: [] });
    }
  }

  #genesisFloor(): State["floor"] {
    return { view: 0, facts: this.#universe.genesis.facts, finalization: undefined };
  }

  /** S-14: memory is lost, and comes back as far as it was durable: all locks, and the signed messages that are `known`. */
  #restart(seat: Seat, known: Pick<Seat, "votes" | "proposals">): Seat {
    const { votes, proposals, durable, floor } = seat;
    const locks = [
      ...votes.map(({ statement: { view, kind, digest } }) => ({ view, kind: voteKinds[kind] as VoteKind, digest })),
      ...proposals.map(({ statement }) => ({
        view: statement.view,
        kind: "propose" as const,
        digest: proposalStatementCodec.root(statement),
      })),
    ];
    const state = createState({
      committee: this.#universe.committee,
      seat: this.#seat,
      timing,
      floor,
      recovered: { certificates: durable, locks, votes: known.votes, proposals: known.proposals },
    });
    return this.#feed({ ...seat, state, waiting: [] }, { kind: "start", nowMs });
  }

  #feed(before: Seat, first: Input): Seat {
    let seat = before;
    const inputs: Input[] = [first];
    for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
      const { state, effects } = step(seat.state, input);
      seat = { ...seat, state };
      for (const effect of effects) seat = this.#carryOut(seat, effect, inputs);
    }
    return seat;
  }

  #carryOut(seat: Seat, effect: Effect, inputs: Input[]): Seat {
    switch (effect.kind) {
      case "persist":
        return { ...seat, waiting: [...seat.waiting, effect.certificate] };
      case "commit":
        return { ...flushed(seat), floor: seat.state.floor };
      case "sign-vote": {
        const vote = { statement: effect.statement, seat: this.#seat, signature: signatureOf(this.#seat) };
        inputs.push({ kind: "signed-vote", vote: markVerified(vote), nowMs });
        return { ...flushed(seat), votes: [...seat.votes, vote] };
      }
      case "sign-proposal": {
        const proposal = { statement: effect.statement, seat: this.#seat, signature: signatureOf(this.#seat) };
        inputs.push({ kind: "signed-proposal", proposal: markVerified(proposal), nowMs });
        return { ...flushed(seat), proposals: [...seat.proposals, proposal] };
      }
      case "check": {
        const { facts } = this.#universe.blockOf(effect.digest);
        inputs.push({ kind: "checked", digest: effect.digest, outcome: { kind: "valid", facts }, nowMs });
        return seat;
      }
      case "build":
        inputs.push({ kind: "built", view: effect.view, facts: this.#built(effect.view, effect.parent), nowMs });
        return seat;
      default:
        return seat;
    }
  }

  #built(view: number, parent: Digest): BlockFacts {
    return this.#universe.block(`${view}`, this.#universe.blockOf(parent)).facts;
  }
}

const flushed = (seat: Seat): Seat =>
  seat.waiting.length === 0 ? seat : { ...seat, durable: [...seat.durable, ...seat.waiting], waiting: [] };

/**
 * What makes two seats the same for the future: all of it but tokens, delays, who signed a certificate (their votes count for
 * nothing that is not certified already) and what views that were left are no longer asked for. `memory`: with its disk.
 */
export function canonical(seat: Seat, universe: Universe, memory: boolean): string {
  const { state } = seat;
  const subject = (certificate: Certificate): number => universe.subject(certificate.statement).index;
  const records = sortedEntries(state.views).map(([view, record]) => {
    const here = view === state.view && record.proposal !== undefined;
    return [
      view,
      voteKinds.map((kind) => (record[kind] === undefined ? "" : subject(record[kind] as Certificate))).join("|"),
      here ? describeProposal(record.proposal as Proposal, universe) : "",
      here ? `${record.rejected ?? ""} ${record.faulty.includes((record.proposal as Proposal).seat)}` : "",
      ownOf(record),
    ].join(";");
  });
  return [
    state.view,
    state.expired,
    state.observing ?? "",
    state.building === state.view,
    `${seat.floor.view}:${universe.blockOf(seat.floor.facts.digest).name}`,
    seat.votes
      .map((vote) => universe.subject(vote.statement).index)
      .toSorted(byNumber)
      .join(),
    seat.proposals.map((proposal) => describeProposal(proposal, universe)).join(),
    memory ? seat.durable.map(subject).toSorted(byNumber).join() : "",
    ...records,
  ].join("\n");
}

const byNumber = (a: number, b: number): number => a - b;

const ownOf = ({ own }: ViewRecord): string =>
  `${[own.propose, own.notarize, own.finalize].map((digest) => (digest === undefined ? "" : keyOf(digest).slice(0, 8))).join()} ${own.nullify}`;

export const describeProposal = ({ statement }: Proposal, universe: Universe): string =>
  `${statement.view} on ${statement.parentView} ${universe.blockOf(statement.digest).name}`;

export const describeSubject = ({ kind, view, block }: Subject): string =>
  `${kind} ${view}${block === undefined ? "" : ` ${block.name}`}`;
