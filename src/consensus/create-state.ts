// The state in which an instance begins: at a term's start, or after a restart from what was durable (S-14).
// Locks found in the guard or in the database both bind; a signed message found is said again, never made anew.
import type { Digest } from "../primitives/index.ts";
import {
  type Certificate,
  type Proposal,
  proposalStatementCodec,
  type Vote,
  type VoteKind,
  voteKindOf,
} from "../schema/index.ts";
import type { Committee } from "./committee.ts";
import { emptyView, type Floor, type OwnLocks, type State, type ViewRecord } from "./state.ts";
import type { Timing } from "./timing.ts";

export interface Lock {
  readonly view: number;
  readonly kind: VoteKind | "propose";
  /** For a proposal, the root of its statement. */
  readonly digest: Digest;
}

/** What a restart found about this term above the floor; anything at or below it is passed over. */
export interface Recovered {
  readonly certificates: readonly Certificate[];
  readonly locks: readonly Lock[];
  readonly votes: readonly Vote[];
  readonly proposals: readonly Proposal[];
}

export function createState(options: {
  readonly committee: Committee;
  readonly seat: number | undefined;
  readonly timing: Timing;
  readonly floor: Floor;
  readonly recovered?: Recovered;
  /** Why this seat must not vote for now. */
  readonly observing?: string | undefined;
  /** Timer tokens begin here, behind those of the instance before: a timer of an old term never fires in a new one. */
  readonly nextToken?: number;
}): State {
  const { committee, seat, timing, floor, recovered } = options;
  return {
    committee,
    seat,
    timing,
    observing: options.observing,
    floor,
    ended: floor.facts.lastOfTerm && floor.facts.term === committee.term,
    view: 0,
    deltaMs: timing.deltaMs,
    expired: "none",
    views: recovered === undefined ? new Map() : recoveredViews(floor, recovered),
    blocks: new Map(),
    asked: new Map(),
    building: 0,
    soughtIn: 0,
    timers: { propose: 0, advance: 0, resend: 0, build: 0 },
    nextToken: options.nextToken ?? 1,
    resends: 0,
    answered: new Map(),
  };
}

function recoveredViews(floor: Floor, recovered: Recovered): ReadonlyMap<number, ViewRecord> {
  const views = new Map<number, ViewRecord>();
  const patch = (view: number, change: (record: ViewRecord) => Partial<ViewRecord>): void => {
    if (view <= floor.view) return;
    const record = views.get(view) ?? emptyView(view);
    views.set(view, { ...record, ...change(record) });
  };
  for (const certificate of recovered.certificates) {
    patch(certificate.statement.view, () => ({ [voteKindOf(certificate.statement) as VoteKind]: certificate }));
  }
  for (const lock of recovered.locks) patch(lock.view, (record) => ({ own: bound(record.own, lock) }));
  for (const proposal of recovered.proposals) {
    const digest = proposalStatementCodec.root(proposal.statement);
    patch(proposal.statement.view, (record) => ({
      own: bound(record.own, { view: proposal.statement.view, kind: "propose", digest }),
      proposal,
      signed: [...record.signed, proposal],
    }));
  }
  for (const vote of recovered.votes) {
    const kind = voteKindOf(vote.statement) as VoteKind;
    const { view, digest } = vote.statement;
    patch(view, (record) => ({
      own: bound(record.own, { view, kind, digest }),
      votes: { ...record.votes, [kind]: new Map(record.votes[kind]).set(vote.seat, vote) },
      signed: [...record.signed, vote],
    }));
  }
  return views;
}

/** The first lock of a kind binds; the driver lets this seat only observe when guard and database name different ones. */
function bound(own: OwnLocks, lock: Lock): OwnLocks {
  if (lock.kind === "nullify") return { ...own, nullify: true };
  return own[lock.kind] === undefined ? { ...own, [lock.kind]: lock.digest } : own;
}
