// One consensus instance to try by hand: feeds inputs to the real step(), remembers effects, and makes votes, certificates
// and proposals of any seat. Signatures are fillers: the core never looks at one, its inputs are verified before.
import {
  assembleCertificate,
  type Committee,
  committeeOf,
  createState,
  type Effect,
  type EffectKind,
  type Input,
  leaderOf,
  type Recovered,
  type State,
  statementOf,
  step,
  timingOf,
} from "../../src/consensus/index.ts";
import { sha256 } from "../../src/crypto/index.ts";
import {
  accountId,
  bigEndian,
  type Digest,
  digest,
  markVerified,
  utf8ToBytes,
  type Verified,
} from "../../src/primitives/index.ts";
import {
  type BlockFacts,
  type Certificate,
  type Proposal,
  signatureBytes,
  type Vote,
  type VoteKind,
} from "../../src/schema/index.ts";

type WithoutTime<T> = T extends unknown ? Omit<T, "nowMs"> : never;
export type Event = WithoutTime<Input>;
export type EffectOf<K extends EffectKind> = Extract<Effect, { kind: K }>;

const timing = timingOf(500, 1000);
/** What a name stands for: the digest of the block called so. */
export const block = (name: string): Digest => sha256(utf8ToBytes(name));

/** Seats 0, 1, 2, ... lead views 1, 2, 3, ...: the beacon was looked for. */
export function committeeOfSize(size: number, term = 0): Committee {
  const seats = Array.from({ length: size }, (_, index) => ({
    operator: accountId(new Uint8Array(32).fill(index + 1)),
    publicKey: new Uint8Array(1952).fill(index + 1),
  }));
  const root = digest(new Uint8Array(32).fill(0xc0 + term));
  let committee = committeeOf({ term, seats }, root, block("beacon"));
  for (let counter = 0; size <= 5 && committee.leaders.some((seat, index) => seat !== index); counter++) {
    committee = committeeOf({ term, seats }, root, sha256(bigEndian(counter)));
  }
  return committee;
}

export const factsOf = (name: string, more: Partial<BlockFacts> = {}): BlockFacts => ({
  digest: block(name),
  parent: block("genesis"),
  height: 1,
  term: 0,
  timestampMs: 0,
  lastOfTerm: false,
  ...more,
});

export const genesis = factsOf("genesis", { height: 0, parent: digest(new Uint8Array(32)) });

export interface CoreOptions {
  readonly size?: number;
  readonly seat?: number | undefined;
  readonly committee?: Committee;
  readonly floor?: State["floor"];
  readonly recovered?: Partial<Recovered>;
  readonly observing?: string;
  readonly nextToken?: number;
}

export class Core {
  readonly committee: Committee;
  state: State;
  nowMs = 1000;
  /** Of the last input. */
  effects: readonly Effect[] = [];
  /** Of all inputs. */
  readonly past: Effect[] = [];

  constructor(options: CoreOptions = {}) {
    const { size = 4, seat, recovered, observing, nextToken } = options;
    this.committee = options.committee ?? committeeOfSize(size);
    this.state = createState({
      committee: this.committee,
      seat: "seat" in options ? seat : 0,
      timing,
      floor: options.floor ?? { view: 0, facts: genesis, finalization: undefined },
      observing,
      ...(recovered === undefined
        ? {}
        : { recovered: { certificates: [], locks: [], votes: [], proposals: [], ...recovered } }),
      ...(nextToken === undefined ? {} : { nextToken }),
    });
  }

  input(event: Event): readonly Effect[] {
    const { state, effects } = step(this.state, { ...event, nowMs: this.nowMs } as Input);
    this.state = state;
    this.effects = effects;
    this.past.push(...effects);
    return effects;
  }

  start(): this {
    this.input({ kind: "start" });
    return this;
  }

  take(message: Vote | Certificate | Proposal, fromSeat?: number): readonly Effect[] {
    if ("signers" in message) return this.input({ kind: "certificate", certificate: markVerified(message), fromSeat });
    if ("parentView" in message.statement)
      return this.input({ kind: "proposal", proposal: verified(message as Proposal) });
    return this.input({ kind: "vote", vote: verified(message as Vote) });
  }

  /** The application's answer: `name` is a valid block. */
  valid(name: string, more: Partial<BlockFacts> = {}): readonly Effect[] {
    const facts = factsOf(name, more);
    return this.input({ kind: "checked", digest: facts.digest, outcome: { kind: "valid", facts } });
  }

  invalid(name: string, reason = "state-root"): readonly Effect[] {
    return this.input({ kind: "checked", digest: block(name), outcome: { kind: "invalid", reason } });
  }

  /** The driver's answer to every `sign-*` effect of the last input. */
  signAll(): readonly Effect[] {
    const asked = this.effects;
    const answers: Effect[] = [];
    for (const effect of asked) {
      const seat = this.state.seat as number;
      if (effect.kind === "sign-vote") {
        const vote = verified({ statement: effect.statement, seat, signature: signatureOf(seat) });
        answers.push(...this.input({ kind: "signed-vote", vote }));
      }
      if (effect.kind === "sign-proposal") {
        const proposal = verified({ statement: effect.statement, seat, signature: signatureOf(seat) });
        answers.push(...this.input({ kind: "signed-proposal", proposal }));
      }
    }
    this.effects = answers;
    return answers;
  }

  fire(timer: "propose" | "advance" | "resend" | "build"): readonly Effect[] {
    return this.input({ kind: "timer", token: this.state.timers[timer] });
  }

  of<K extends EffectKind>(kind: K, effects: readonly Effect[] = this.effects): readonly EffectOf<K>[] {
    return effects.filter((effect): effect is EffectOf<K> => effect.kind === kind);
  }

  /** What was asked to be signed by the last input, in words: "notarize 1", "propose 2 on 1". */
  signing(effects: readonly Effect[] = this.effects): readonly string[] {
    return effects.flatMap((effect) => {
      if (effect.kind === "sign-vote") return [`${kindOf(effect.statement.kind)} ${effect.statement.view}`];
      if (effect.kind === "sign-proposal")
        return [`propose ${effect.statement.view} on ${effect.statement.parentView}`];
      return [];
    });
  }

  vote(seat: number, kind: VoteKind, view: number, name?: string): Vote {
    const what = name === undefined ? { kind } : { kind, digest: block(name) };
    return { statement: statementOf(this.committee, view, what), seat, signature: signatureOf(seat) };
  }

  certificate(kind: VoteKind, view: number, name?: string, seats?: readonly number[]): Certificate {
    const from =
      seats ?? Array.from({ length: this.committee.quorum }, (_, index) => this.committee.seats.length - 1 - index);
    return assembleCertificate(
      this.committee,
      from.map((seat) => this.vote(seat, kind, view, name)),
    );
  }

  proposal(view: number, parentView: number, name: string): Proposal {
    const { term, root } = this.committee;
    const seat = leaderOf(this.committee, view);
    const statement = { term, committeeRoot: root, view, parentView, digest: block(name) };
    return { statement, seat, signature: signatureOf(seat) };
  }
}

const kinds = ["notarize", "nullify", "finalize"] as const;
const kindOf = (kind: number): string => kinds[kind] as string;
const verified = <T>(message: T): Verified<T> => markVerified(message);
/** The second of a seat differs from the first: signing is randomised (I-6). */
export const signatureOf = (seat: number, fill = 0): Uint8Array => {
  const signature = new Uint8Array(signatureBytes);
  signature[0] = seat + 1;
  signature[1] = fill;
  return signature;
};
