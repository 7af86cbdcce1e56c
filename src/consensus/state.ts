// What one instance (one term) knows. Immutable to callers; handlers work on a Draft, a shallow copy made by step().
// Everything at or below the floor is gone: views, votes, locks and block outcomes are kept for the views above it only.
import { type Digest, sortedEntries } from "../primitives/index.ts";
import type { BlockFacts, Certificate, Proposal, Vote, VoteKind } from "../schema/index.ts";
import type { Committee } from "./committee.ts";
import type { Effect } from "./effect.ts";
import type { CheckOutcome } from "./input.ts";
import type { Timing } from "./timing.ts";

/** Messages of views further ahead than this are not kept (S-8); a certificate is, whatever its view. */
export const viewsAheadMax = 64;
/** Views above the floor in which a node still takes part; at the limit it enters no further view until one is final. */
export const viewsOpenMax = 4096;
/** Views this far behind the current one keep certificates and own messages, but no votes of others. */
export const viewsWithVotesMax = 128;

/** What this seat bound itself to in a view; from signatures made, or from the guard and the database after a restart. */
export interface OwnLocks {
  /** Root of the proposal's statement. */
  readonly propose: Digest | undefined;
  readonly notarize: Digest | undefined;
  readonly nullify: boolean;
  readonly finalize: Digest | undefined;
}

export type VotesBySeat = ReadonlyMap<number, Vote>;

export interface ViewRecord {
  readonly view: number;
  /** The first valid vote of a kind from each seat. */
  readonly votes: Readonly<Record<VoteKind, VotesBySeat>>;
  readonly notarize: Certificate | undefined;
  readonly nullify: Certificate | undefined;
  readonly finalize: Certificate | undefined;
  /** The leader's first valid proposal. */
  readonly proposal: Proposal | undefined;
  /** Why the proposal can never be voted for (S-4). */
  readonly rejected: string | undefined;
  /** Seats whose fault in this view was reported (S-13). */
  readonly faulty: readonly number[];
  readonly own: OwnLocks;
  /** What this seat signed in the view, to send again (S-8). */
  readonly signed: readonly (Vote | Proposal)[];
}

/** The last final block of the instance; view 0 stands for the previous term's last block. */
export interface Floor {
  readonly view: number;
  readonly facts: BlockFacts;
  readonly finalization: Certificate | undefined;
}

export type TimerName = "propose" | "advance" | "resend" | "build";

export interface State {
  readonly committee: Committee;
  /** This node's seat, or undefined for one that only follows. */
  readonly seat: number | undefined;
  readonly timing: Timing;
  /** Why this seat does not vote (S-14); undefined when it may. */
  readonly observing: string | undefined;
  readonly floor: Floor;
  /** The floor is the term's last block: the instance is over (S-10). */
  readonly ended: boolean;
  /** The current view; 0 before `start`. */
  readonly view: number;
  readonly deltaMs: number;
  /** Which timeout of the current view has passed. */
  readonly expired: "none" | "propose" | "advance";
  readonly views: ReadonlyMap<number, ViewRecord>;
  /** Outcomes of blocks above the floor by digest. */
  readonly blocks: ReadonlyMap<string, CheckOutcome>;
  /** Digests whose check was asked for, and whether as notarized. */
  readonly asked: ReadonlyMap<string, boolean>;
  /** The view whose block is being built, or was. */
  readonly building: number;
  /** The view for which missing certificates were asked for at once, not only with the next resend. */
  readonly soughtIn: number;
  readonly timers: Readonly<Record<TimerName, number>>;
  readonly nextToken: number;
  /** Resends in the current view: rotates who is asked. */
  readonly resends: number;
  /** The view in which a seat that is behind was last answered. */
  readonly answered: ReadonlyMap<number, number>;
}

export type Draft = { -readonly [K in keyof State]: State[K] } & { readonly effects: Effect[]; readonly nowMs: number };

const noLocks: OwnLocks = { propose: undefined, notarize: undefined, nullify: false, finalize: undefined };

const noVotes: VotesBySeat = new Map();

export const emptyView = (view: number): ViewRecord => ({
  view,
  votes: { notarize: noVotes, nullify: noVotes, finalize: noVotes },
  notarize: undefined,
  nullify: undefined,
  finalize: undefined,
  proposal: undefined,
  rejected: undefined,
  faulty: [],
  own: noLocks,
  signed: [],
});

export const viewRecord = (state: Pick<State, "views">, view: number): ViewRecord =>
  state.views.get(view) ?? emptyView(view);

/** Replaces parts of a view's record. The Map is copied, so earlier states keep theirs. */
export function patchView(draft: Draft, view: number, patch: Partial<ViewRecord>): void {
  const views = new Map(draft.views);
  views.set(view, { ...viewRecord(draft, view), ...patch });
  draft.views = views;
}

/** S-11, S-14: whether this seat may sign anything now. */
export const mayVote = (state: Draft): boolean =>
  state.seat !== undefined && state.observing === undefined && !state.ended && !isSyncing(state);

/** S-11: a Finalization is held whose block is not executed here. (One whose block is would be the floor.) */
function isSyncing(state: Pick<State, "views">): boolean {
  for (const record of recordsOf(state)) if (record.finalize !== undefined) return true;
  return false;
}

/** The views above the floor, ascending. */
export const recordsOf = (state: Pick<State, "views">): readonly ViewRecord[] =>
  sortedEntries(state.views).map(([, record]) => record);

export function armTimer(draft: Draft, name: TimerName, atMs: number): void {
  const token = draft.nextToken;
  draft.nextToken = token + 1;
  draft.timers = { ...draft.timers, [name]: token };
  draft.effects.push({ kind: "timer", token, atMs });
}
