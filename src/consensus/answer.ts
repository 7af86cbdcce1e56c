// S-8: what a node says that it holds, and what a peer who says so lacks. Pure questions to a state, asked by the driver
// when a resend is due and when a peer asks. Status and answer are bounded; with more views open than a status has room for,
// the next question is about the next stretch of them.
import { type Bytes, bitmapIndices } from "../primitives/index.ts";
import type { Certificate, Status, Vote } from "../schema/index.ts";
import { voteKinds } from "../schema/index.ts";
import type { Message } from "./effect.ts";
import { recordsOf, type State, type ViewRecord, viewsAheadMax } from "./state.ts";

/** A status speaks of at most this many views. Of later ones its sender is taken to hold nothing, of earlier ones all. */
const statusViewsMax = 256;
/** Messages in one answer. */
export const answerMessagesMax = 256;

export function statusOf(state: State): Status {
  const open = Math.max(0, state.view - state.floor.view);
  const stretches = Math.max(1, Math.ceil(open / statusViewsMax));
  const skipped = ((state.view + state.resends) % stretches) * statusViewsMax;
  const fromView = state.floor.view + 1 + skipped;
  const length = Math.min(statusViewsMax, open - skipped);
  const held = new Uint8Array(length);
  for (const record of recordsOf(state)) {
    const index = record.view - fromView;
    if (index >= 0 && index < length) held[index] = heldBits(record);
  }
  return {
    term: state.committee.term,
    view: state.view,
    finalizedHeight: state.floor.facts.height,
    fromView,
    held,
  };
}

const heldBits = (record: ViewRecord): number =>
  (record.notarize === undefined ? 0 : 1) +
  (record.nullify === undefined ? 0 : 2) +
  (record.finalize === undefined ? 0 : 4);

const bitOf = { notarize: 1, nullify: 2, finalize: 4 } as const;

/**
 * What `status`'s sender lacks and we hold, most useful first: our Finalization if it is above theirs, certificates above
 * our floor, the current proposal, and their own votes and proposals (so that they learn of any that they forgot, S-14).
 * Precondition: the status is of the same term; of an earlier one the driver answers with that term's last Finalization.
 */
export function answerTo(state: State, status: Status, seat: number | undefined): readonly Message[] {
  const answer: Message[] = [];
  const { finalization, facts } = state.floor;
  if (finalization !== undefined && status.finalizedHeight < facts.height) {
    answer.push({ kind: "certificate", certificate: finalization });
  }
  for (const record of recordsOf(state)) {
    if (record.view < status.fromView) continue;
    for (const certificate of lackedOf(record, heldAt(status, record.view))) {
      answer.push({ kind: "certificate", certificate });
    }
    const { proposal } = record;
    if (proposal !== undefined && (record.view === status.view || proposal.seat === seat)) {
      answer.push({ kind: "proposal", proposal });
    }
    if (seat !== undefined) for (const vote of votesOf(record, seat)) answer.push({ kind: "vote", vote });
    if (answer.length >= answerMessagesMax) break;
  }
  return answer.slice(0, answerMessagesMax);
}

const heldAt = (status: Status, view: number): number => (status.held as Bytes)[view - status.fromView] ?? 0;

const lackedOf = (record: ViewRecord, held: number): readonly Certificate[] =>
  voteKinds.flatMap((kind) => {
    const certificate = record[kind];
    return certificate !== undefined && (held & bitOf[kind]) === 0 ? [certificate] : [];
  });

const votesOf = (record: ViewRecord, seat: number): readonly Vote[] =>
  voteKinds.flatMap((kind) => record.votes[kind].get(seat) ?? []);

/**
 * Whether verifying `message` could change anything: its view is above the floor, near enough to be kept, and it says what
 * is not yet known. Whatever is signed by our own seat is looked at however far ahead it is (S-14).
 */
export function isNews(state: State, message: Message): boolean {
  const isFar = (view: number, seat: number): boolean => view > state.view + viewsAheadMax && seat !== state.seat;
  if (message.kind === "proposal") {
    const { view, digest, parentView } = message.proposal.statement;
    const known = state.views.get(view)?.proposal?.statement;
    if (view <= state.floor.view || isFar(view, message.proposal.seat)) return false;
    return known === undefined || known.parentView !== parentView || !same(known.digest, digest);
  }
  const statement = message.kind === "vote" ? message.vote.statement : message.certificate.statement;
  const kind = voteKinds[statement.kind];
  if (statement.view <= state.floor.view || kind === undefined) return false;
  const record = state.views.get(statement.view);
  const certificate = record?.[kind];
  if (message.kind === "certificate")
    return certificate === undefined || !same(certificate.statement.digest, statement.digest);
  if (isFar(statement.view, message.vote.seat)) return false;
  const known = record?.votes[kind].get(message.vote.seat);
  return known === undefined || !same(known.statement.digest, statement.digest);
}

const same = (a: Bytes, b: Bytes): boolean => a.every((byte, index) => byte === b[index]);

/** The seats that signed a certificate of this committee, for choosing whom to ask. */
export function signersOf(state: State, certificate: Certificate): readonly number[] {
  const seats = bitmapIndices(certificate.signers, state.committee.seats.length);
  return seats.ok ? seats.value : [];
}
