// Every interleaving of three honest seats and a Byzantine one over a few views, breadth first, over the real step(). What was
// signed can reach anyone at any time, or never; timers can fire at any time; the Byzantine seat's votes are always to be had
// for anything, and its proposals for any parent. States met before are not entered again.
//
// A state is three seats: what is on its way is all that they signed. Each seat's next state for each action is computed
// once (they do not depend on the other seats), so a step of the search is a look-up.
import { proposalsConflict } from "../../src/consensus/index.ts";
import { equalBytes } from "../../src/primitives/index.ts";
import type { Proposal } from "../../src/schema/index.ts";
import { type Action, canonical, describeProposal, describeSubject, type Seat, SeatModel } from "./seat-model.ts";
import { type Block, onOneChain, type Subject, Universe } from "./universe.ts";

export interface ModelOptions {
  /** Which seat is Byzantine: it leads view `byzantine` + 1. */
  readonly byzantine: number;
  /** Views in which seats take part. */
  readonly views: number;
  /** Actions on the longest path. */
  readonly depth: number;
  readonly statesMax: number;
  /** Restarts on a path, of any seats. */
  readonly restarts: number;
  /** The term's last height, for S-10; 0 for none. */
  readonly lastHeight: number;
  /** Each so many states, an attempt to go on without the Byzantine seat: something must become final (0: never). */
  readonly healEvery: number;
}

export interface ModelResult {
  readonly states: number;
  readonly transitions: number;
  /** Different states of one seat. */
  readonly seatStates: number;
  /** The longest path that was looked at. */
  readonly depth: number;
  /** Every state that can be reached was reached. */
  readonly complete: boolean;
  readonly healed: number;
  /** What was broken, with the path to it. */
  readonly violation: { readonly what: string; readonly path: readonly string[] } | undefined;
}

interface Known {
  readonly seat: Seat;
  /** Subjects that it voted for. */
  readonly voted: readonly number[];
  readonly next: Map<string, number>;
}

/** What the world does to a seat: its name tells it from every other. */
interface Done {
  readonly name: string;
  /** A seat that lost its database is one more fault than f: from then on only safety is asked for. */
  readonly lossy?: boolean;
  readonly make: () => Action;
}

const timeout: Done = { name: "timeout", make: () => ({ kind: "timeout" }) };
const restarts: readonly Done[] = [
  { name: "restart", make: () => ({ kind: "restart" }) },
  { name: "restart with its guard alone", lossy: true, make: () => ({ kind: "roll-back" }) },
];

interface Global {
  readonly seats: readonly number[];
  readonly restarts: number;
  readonly lossy: boolean;
  readonly from: Global | undefined;
  readonly by: string;
}

export function explore(options: ModelOptions): ModelResult {
  return new Exploration(options).run();
}

class Exploration {
  readonly #options: ModelOptions;
  readonly #universe: Universe;
  readonly #honest: readonly number[];
  readonly #models: readonly SeatModel[];
  /** States of each honest seat by number, and the number of a canonical text. */
  readonly #known: Known[][];
  readonly #numbers: Map<string, number>[];
  readonly #byzantineProposals = new Map<string, readonly Proposal[]>();
  #transitions = 0;
  #healed = 0;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.#universe = new Universe(options.lastHeight);
    this.#honest = [0, 1, 2, 3].filter((seat) => seat !== options.byzantine);
    this.#models = this.#honest.map((seat) => new SeatModel(this.#universe, seat));
    this.#known = this.#honest.map(() => []);
    this.#numbers = this.#honest.map(() => new Map());
  }

  run(): ModelResult {
    const { depth, statesMax, healEvery } = this.#options;
    const start: Global = {
      seats: this.#models.map((model, index) => this.#numberOf(index, model.begin())),
      restarts: 0,
      lossy: false,
      from: undefined,
      by: "",
    };
    const seen = new Set([keyOfGlobal(start)]);
    let frontier = [start];
    let level = 0;
    while (frontier.length > 0 && level < depth && seen.size < statesMax) {
      level += 1;
      const next: Global[] = [];
      for (const global of frontier) {
        for (const successor of this.#successors(global)) {
          this.#transitions += 1;
          const key = keyOfGlobal(successor);
          if (seen.has(key)) continue;
          seen.add(key);
          next.push(successor);
          const broken =
            this.#broken(successor) ??
            (healEvery > 0 && seen.size % healEvery === 0 ? this.#stuck(successor) : undefined);
          if (broken !== undefined)
            return this.#result(
              { states: seen.size, depth: level, complete: false },
              { what: broken, path: pathTo(successor) },
            );
        }
        if (seen.size >= statesMax) break;
      }
      frontier = next;
    }
    return this.#result({ states: seen.size, depth: level, complete: frontier.length === 0 }, undefined);
  }

  #result(
    reached: Pick<ModelResult, "states" | "depth" | "complete">,
    violation: ModelResult["violation"],
  ): ModelResult {
    const seatStates = this.#known.reduce((sum, states) => sum + states.length, 0);
    return { ...reached, transitions: this.#transitions, seatStates, healed: this.#healed, violation };
  }

  #numberOf(index: number, seat: Seat): number {
    const text = canonical(seat, this.#universe, this.#options.restarts > 0);
    const numbers = this.#numbers[index] as Map<string, number>;
    const known = numbers.get(text);
    if (known !== undefined) return known;
    const states = this.#known[index] as Known[];
    numbers.set(text, states.length);
    states.push({
      seat,
      voted: seat.votes.map((vote) => this.#universe.subject(vote.statement).index),
      next: new Map(),
    });
    return states.length - 1;
  }

  #at(global: Global, index: number): Known {
    return (this.#known[index] as Known[])[global.seats[index] as number] as Known;
  }

  /** How many honest seats voted for each subject. */
  #tally(global: Global): Uint8Array {
    const tally = new Uint8Array(this.#universe.subjects.length);
    for (let index = 0; index < this.#honest.length; index++) {
      for (const subject of this.#at(global, index).voted) tally[subject] = (tally[subject] as number) + 1;
    }
    return tally;
  }

  /** Subjects that a certificate can be made of, with the help of the Byzantine seat or without. */
  #certifiable(global: Global, helped = true): readonly Subject[] {
    const tally = this.#tally(global);
    const needed = this.#universe.committee.quorum - (helped ? 1 : 0);
    return this.#universe.subjects.filter(({ index }) => (tally[index] ?? 0) >= needed);
  }

  #successors(global: Global): readonly Global[] {
    const found: Global[] = [];
    const certifiable = this.#certifiable(global);
    const proposals = this.#proposals(global);
    for (let index = 0; index < this.#honest.length; index++) {
      const { seat } = this.#at(global, index);
      const add = (action: Done, restarts = 0): void => {
        const number = this.#next(global, index, action);
        if (number === global.seats[index] && restarts === 0) return;
        const seats = global.seats.with(index, number);
        found.push({
          seats,
          restarts: global.restarts + restarts,
          lossy: global.lossy || action.lossy === true,
          from: global,
          by: `seat ${this.#honest[index]}: ${action.name}`,
        });
      };
      if (global.restarts < this.#options.restarts) for (const each of restarts) add(each, 1);
      if (seat.state.view > this.#options.views) continue;
      if (seat.state.expired !== "advance") add(timeout);
      for (const subject of certifiable) {
        if (subject.view > seat.floor.view) add(this.#certificate(global, subject));
      }
      for (const proposal of proposals) {
        if (proposal.statement.view !== seat.state.view) continue; // Earlier is the same: it is kept until then.
        add(this.#proposal(proposal));
      }
    }
    return found;
  }

  #next(global: Global, index: number, action: Done): number {
    const { seat, next } = this.#at(global, index);
    const known = next.get(action.name);
    if (known !== undefined) return known;
    const number = this.#numberOf(index, (this.#models[index] as SeatModel).act(seat, action.make()));
    next.set(action.name, number);
    return number;
  }

  /** Of those who signed here, the Byzantine seat last: a seat never meets a vote that nobody cast. */
  #certificate(global: Global, subject: Subject): Done {
    const { committee } = this.#universe;
    const signed = this.#honest.filter((_, index) => this.#at(global, index).voted.includes(subject.index));
    const seats = [...signed, this.#options.byzantine].slice(0, committee.quorum).toSorted((a, b) => a - b);
    const bits = seats.reduce((sum, seat) => sum | (1 << seat), 0);
    const make = (): Action => ({
      kind: "certificate",
      certificate: {
        statement: subject.statement,
        signers: Uint8Array.of(bits),
        signatures: seats.map((seat) => this.#universe.vote(subject, seat).signature),
      },
    });
    return { name: describeSubject(subject), make };
  }

  #proposals(global: Global): readonly Proposal[] {
    const honest = this.#honest.flatMap((_, index) => this.#at(global, index).seat.proposals);
    const own = this.#options.byzantine + 1;
    const lies = own <= this.#options.views ? this.#lies(own, honest) : [];
    return [...honest, ...lies];
  }

  /** The Byzantine leader's proposals: two blocks on every block that was proposed in an earlier view, or the floor. */
  #lies(view: number, honest: readonly Proposal[]): readonly Proposal[] {
    const parents: [number, Block][] = [[0, this.#universe.genesis]];
    for (const { statement } of honest) {
      if (statement.view < view) parents.push([statement.view, this.#universe.blockOf(statement.digest)]);
    }
    const key = parents.map(([parentView, parent]) => `${parentView} ${parent.name}`).join();
    const known = this.#byzantineProposals.get(key);
    if (known !== undefined) return known;
    const made = parents.flatMap(([parentView, parent]) =>
      parent.facts.lastOfTerm
        ? [this.#universe.proposal(view, parentView, parent)]
        : ["x", "y"].map((name) =>
            this.#universe.proposal(view, parentView, this.#universe.block(`${view}${name}`, parent)),
          ),
    );
    this.#byzantineProposals.set(key, made);
    return made;
  }

  #broken(global: Global): string | undefined {
    for (let index = 0; index < this.#honest.length; index++) {
      const { seat } = this.#at(global, index);
      const twice = signedTwice(seat, this.#universe);
      if (twice !== undefined) return `seat ${this.#honest[index]} signed ${twice}`;
      if (seat.state.observing !== undefined)
        return `seat ${this.#honest[index]} stopped voting: ${seat.state.observing}`;
    }
    const certifiable = this.#certifiable(global);
    for (const [at, one] of certifiable.entries()) {
      for (const other of certifiable.slice(at + 1)) {
        const what = contradiction(one, other);
        if (what !== undefined) return `${what}: ${describeSubject(one)} and ${describeSubject(other)}`;
      }
    }
    return undefined;
  }

  /** Everything that honest seats said arrives and the Byzantine seat is silent: does each seat commit something more? */
  #stuck(global: Global): string | undefined {
    if (global.lossy) return undefined;
    this.#healed += 1;
    let at = global;
    const heights = global.seats.map((_, index) => this.#at(global, index).seat.floor.facts.height);
    const done = (): boolean =>
      at.seats.every((_, index) => {
        const { seat } = this.#at(at, index);
        return seat.state.ended || seat.floor.facts.height > (heights[index] as number);
      });
    for (let round = 0; round < 60 && !done(); round++) {
      const before = at;
      for (let index = 0; index < this.#honest.length; index++) at = this.#hearAll(at, index);
      if (at !== before) continue;
      const lowest = Math.min(...at.seats.map((_, index) => this.#at(at, index).seat.state.view));
      for (let index = 0; index < this.#honest.length; index++) {
        if (this.#at(at, index).seat.state.view === lowest) at = this.#moved(at, index, timeout);
      }
      if (at === before) break;
    }
    return done() ? undefined : "nothing becomes final after healing";
  }

  /** A seat hears what honest seats signed and hold: certificates that only one of them has are passed on too (S-8). */
  #hearAll(global: Global, index: number): Global {
    let at = global;
    for (const subject of new Set([...this.#certifiable(at, false), ...this.#held(at)])) {
      if (subject.view > this.#at(at, index).seat.floor.view)
        at = this.#moved(at, index, this.#certificate(at, subject));
    }
    for (const proposal of this.#honest.flatMap((_, other) => this.#at(at, other).seat.proposals)) {
      at = this.#moved(at, index, this.#proposal(proposal));
    }
    return at;
  }

  #held(global: Global): readonly Subject[] {
    return this.#honest.flatMap((_, index) => {
      const { state, floor } = this.#at(global, index).seat;
      const records = Array.from(state.views.values());
      const certificates = records.flatMap((record) => [record.notarize, record.nullify, record.finalize]);
      return [floor.finalization, ...certificates].flatMap((certificate) =>
        certificate === undefined ? [] : [this.#universe.subject(certificate.statement)],
      );
    });
  }

  #proposal(proposal: Proposal): Done {
    return {
      name: `proposal ${describeProposal(proposal, this.#universe)}`,
      make: () => ({ kind: "proposal", proposal }),
    };
  }

  #moved(global: Global, index: number, action: Done): Global {
    const number = this.#next(global, index, action);
    return number === global.seats[index] ? global : { ...global, seats: global.seats.with(index, number) };
  }
}

const keyOfGlobal = ({ seats, restarts, lossy }: Global): string => `${seats.join()}/${restarts}/${lossy}`;

function pathTo(global: Global): readonly string[] {
  const path: string[] = [];
  for (let at: Global | undefined = global; at !== undefined && at.by !== ""; at = at.from) path.push(at.by);
  return path.reverse();
}

/** S-13 of one seat: two messages of which it may sign one. */
function signedTwice(seat: Seat, universe: Universe): string | undefined {
  for (const [at, one] of seat.proposals.entries()) {
    const other = seat.proposals.slice(at + 1).find((each) => proposalsConflict(one, each));
    if (other !== undefined) return `${describeProposal(one, universe)} and ${describeProposal(other, universe)}`;
  }
  for (const [at, one] of seat.votes.entries()) {
    for (const other of seat.votes.slice(at + 1)) {
      if (one.statement.view !== other.statement.view) continue;
      const [a, b] = [universe.subject(one.statement), universe.subject(other.statement)];
      const pair = [a.kind, b.kind];
      const conflict =
        a.kind === b.kind
          ? !equalBytes(one.statement.digest, other.statement.digest)
          : pair.includes("nullify") && pair.includes("finalize");
      if (conflict) return `${describeSubject(a)} and ${describeSubject(b)}`;
    }
  }
  return undefined;
}

/** Two things that can never both be certified. */
function contradiction(a: Subject, b: Subject): string | undefined {
  const kinds = [a.kind, b.kind];
  if (a.view === b.view) {
    if (a.kind === b.kind) return "two of one view";
    if (kinds.includes("finalize") && kinds.includes("nullify")) return "both finalized and nullified";
  }
  if (a.kind !== "finalize" || b.kind !== "finalize") return undefined;
  return onOneChain(a.block as Block, b.block as Block) ? undefined : "a fork";
}
