// A certificate becomes known, from a peer or out of our own votes: it is persisted and relayed once (S-8, S-14), and its
// votes are compared with those we know (S-13). What follows from it (S-1, S-5, S-7) is settled afterwards.
import { type Certificate, type VoteKind, voteKindOf } from "../schema/index.ts";
import { certificateVotes } from "./certificate.ts";
import { keepVote } from "./keeper.ts";
import { noticeOwnVote } from "./own-messages.ts";
import { relayTo } from "./resend.ts";
import { type Draft, patchView, viewRecord } from "./state.ts";

/** `fromSeat` is who sent it, if a seat did: it need not be told. */
export function holdCertificate(draft: Draft, certificate: Certificate, fromSeat: number | undefined): void {
  const { view } = certificate.statement;
  if (view <= draft.floor.view) return;
  const kind = voteKindOf(certificate.statement) as VoteKind;
  if (viewRecord(draft, view)[kind] === undefined) {
    patchView(draft, view, { [kind]: certificate });
    draft.effects.push({ kind: "persist", certificate });
    const to = relayTo(draft, view, fromSeat);
    draft.effects.push({ kind: "send", to, message: { kind: "certificate", certificate } });
  }
  for (const vote of certificateVotes(draft.committee, certificate)) {
    noticeOwnVote(draft, vote);
    keepVote(draft, vote);
  }
}
