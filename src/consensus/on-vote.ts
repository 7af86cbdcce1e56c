// Inputs `vote` and `signed-vote`: what others and this seat itself voted. Called by step() only.
// A vote of a view long left is answered with what ended that view (S-8); it is never counted into a finished view.
import { type Vote, voteKindOf } from "../schema/index.ts";
import { holdCertificate } from "./hold-certificate.ts";
import { keepVote } from "./keeper.ts";
import { noticeOwnVote } from "./own-messages.ts";
import { exitEvidence } from "./resend.ts";
import { type Draft, patchView, viewRecord, viewsAheadMax } from "./state.ts";

export function onVote(draft: Draft, vote: Vote): void {
  const { view } = vote.statement;
  noticeOwnVote(draft, vote);
  if (isBehind(draft, vote)) answerBehind(draft, vote);
  if (view <= draft.floor.view || view > draft.view + viewsAheadMax) return;
  const certificate = keepVote(draft, vote);
  if (certificate !== undefined) holdCertificate(draft, certificate, undefined);
}

/** S-5, S-8: our own vote, durable and signed: counted like anyone's and told to all. */
export function onSignedVote(draft: Draft, vote: Vote): void {
  const { view } = vote.statement;
  if (view <= draft.floor.view) return;
  patchView(draft, view, { signed: [...viewRecord(draft, view).signed, vote] });
  draft.effects.push({ kind: "send", to: "all", message: { kind: "vote", vote } });
  const certificate = keepVote(draft, vote);
  if (certificate !== undefined) holdCertificate(draft, certificate, undefined);
}

/** A nullify of a view we left, or any vote two views back, comes from a seat that lacks what we hold. */
function isBehind(draft: Draft, vote: Vote): boolean {
  if (vote.seat === draft.seat) return false;
  const { view } = vote.statement;
  return view < draft.view - 1 || (view < draft.view && voteKindOf(vote.statement) === "nullify");
}

/** S-8: at most once for each of our views and seats; the rest comes through `ask`. */
function answerBehind(draft: Draft, vote: Vote): void {
  if (draft.answered.get(vote.seat) === draft.view) return;
  const certificate = exitEvidence(draft, vote.statement.view);
  if (certificate === undefined) return;
  draft.answered = new Map(draft.answered).set(vote.seat, draft.view);
  draft.effects.push({ kind: "send", to: [vote.seat], message: { kind: "certificate", certificate } });
}
