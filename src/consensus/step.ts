// Simplex as a pure state machine, one instance a term. This comment is its specification; protocol.md, section 2, is the
// normative text, and the ids are the same.
//
// After Chan and Pass, "Simplex Consensus", IACR ePrint 2023/463. n seats, f = floor((n-1)/3), q = n - f.
//
//   enter v        S-1   on a certificate of a view >= v-1; two timeouts are armed            enter-view.ts
//   propose        S-2   once, on the highest justified parent, the same bytes ever after      propose.ts, parent.ts
//   notarize       S-3   once a view, only while in it, never after nullify                    cast.ts
//   nullify        S-4   on a timeout, a hopeless proposal or an equivocating leader           cast.ts
//                        never after finalize
//   finalize       S-5   once a view, when notarized, executed and durable; never after nullify cast.ts
//   commit         S-7   on a Finalization, with all ancestors                                 commit.ts
//   say again      S-8   own messages, entry evidence and questions while nothing advances     resend.ts, answer.ts
//   get blocks     S-3   certified ones, and a proposal's when its parent is certified here    want-blocks.ts
//   delta          S-9   grows by half when nullified, halves when final                       enter-view.ts, commit.ts
//   term's end     S-10  its last block is proposed again until final, then the instance ends  propose.ts, cast.ts
//   syncing        S-11  no signature while a Finalization waits for its block                 state.ts (mayVote)
//   faults         S-13  pairs of signatures                                                   evidence.ts, keeper.ts
//   durability     S-14  `persist` and locks before `send`; a lock found binds                 effect.ts, create-state.ts
//   forgotten      S-14  an own message that no memory knows ends voting                       own-messages.ts
//
// Every input changes what is known, and then `settle` does all that the rules allow with it. No rule hangs on the input
// that happened to come last, so nothing stalls because two events came in an unforeseen order.
//
// Deviations from the paper and from the text: (1) a certificate of any view beyond the current one enters the view after
// it, without the certificates between; those are asked for when a proposal needs them. S-2 is checked in full before a
// vote, so safety does not rest on how a view was entered. (2) A certificate is relayed to everyone up to 10 seats, beyond
// that to the next leader and 9 successors, who relay it in turn. (3) Notarize and propose stop, as nullify does, at a
// leader who is proved to equivocate. (4) Delta grows too for a view that this seat nullified before it was notarized: else a
// network a little slower than delta notarizes every view and finalizes none (ADR 5). (5) Of the views above the floor only the
// newest 64 have their votes said again: f + 1 honest seats left each older one by a certificate, which is durable and served.
//
// Safety. Two quorums share n - 2f >= f + 1 seats, so an honest one. (a) At most one digest is notarized in a view: the
// shared seat votes once (S-3, lock in ViewRecord.own before the signature). (b) No view is both finalized and nullified
// by quorum: the shared seat never signs both (S-4, S-5). (c) If d is final at v, each notarized proposal after v descends
// from d or is d: by induction its parent view p is >= v, because p < v would need Nullification(v) against (b); if p = v
// the certificate is of d by (a). Locks outlive a restart (S-14), hence (a) and (b) do.
// Liveness, after the network heals: certificates are durable and said again, so all honest seats meet in one view; an
// honest leader there proposes within 2 delta of the first to enter; delta has grown to what the network needs.
import { keyOf } from "../primitives/index.ts";
import { castFinalize, castNotarize, castNullify } from "./cast.ts";
import { commitFinal } from "./commit.ts";
import type { Effect } from "./effect.ts";
import { enterViews } from "./enter-view.ts";
import { holdCertificate } from "./hold-certificate.ts";
import type { Input } from "./input.ts";
import { onProposal, onSignedProposal } from "./on-proposal.ts";
import { onSignedVote, onVote } from "./on-vote.ts";
import { lead, onBuilt } from "./propose.ts";
import { resend } from "./resend.ts";
import type { Draft, State } from "./state.ts";
import { wantBlocks } from "./want-blocks.ts";

/** Total: whatever a peer can send is taken or ignored. The state given is never changed. */
export function step(state: State, input: Input): { readonly state: State; readonly effects: readonly Effect[] } {
  const draft: Draft = { ...state, effects: [], nowMs: input.nowMs };
  if (!state.ended) {
    handle(draft, input);
    if (draft.view > 0 || input.kind === "start") settle(draft);
    if (input.kind === "start" && !draft.ended) resend(draft); // After a restart at once, not after a timeout (S-8).
  }
  const { effects, nowMs: _, ...next } = draft;
  return { state: next, effects };
}

function handle(draft: Draft, input: Input): void {
  switch (input.kind) {
    case "start":
      break;
    case "timer":
      onTimer(draft, input.token);
      break;
    case "vote":
      onVote(draft, input.vote);
      break;
    case "certificate":
      holdCertificate(draft, input.certificate, input.fromSeat);
      break;
    case "proposal":
      onProposal(draft, input.proposal);
      break;
    case "built":
      onBuilt(draft, input.view, input.facts);
      break;
    case "checked":
      draft.blocks = new Map(draft.blocks).set(keyOf(input.digest), input.outcome);
      break;
    case "signed-vote":
      onSignedVote(draft, input.vote);
      break;
    case "signed-proposal":
      onSignedProposal(draft, input.proposal);
      break;
    case "observe":
      draft.observing = input.reason;
      break;
  }
}

/** S-1: a timeout is remembered, not acted on here: it may pass while this seat is not allowed to vote. */
function onTimer(draft: Draft, token: number): void {
  const { timers } = draft;
  if (token === timers.propose && draft.expired === "none") draft.expired = "propose";
  else if (token === timers.advance) draft.expired = "advance";
  else if (token === timers.resend) resend(draft);
  else if (token === timers.build) draft.timers = { ...timers, build: 0 };
}

/** Everything that the rules allow now, in an order in which no rule has to be looked at twice. */
function settle(draft: Draft): void {
  do enterViews(draft);
  while (commitFinal(draft));
  if (draft.ended) return;
  castFinalize(draft);
  castNotarize(draft);
  castNullify(draft);
  lead(draft);
  wantBlocks(draft);
}
