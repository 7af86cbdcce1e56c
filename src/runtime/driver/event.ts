// What waits in the driver's queue: an input of the core without its time, which it gets when its turn comes.
import type { Input, State } from "../../consensus/index.ts";
import { equalBytes } from "../../primitives/index.ts";

type WithoutTime<T> = T extends unknown ? Omit<T, "nowMs"> : never;
export type Event = WithoutTime<Input>;

/** Verified in the last term, taken out of the queue in the next: no longer of any use. */
export function isOfAnotherTerm(state: State, event: Event): boolean {
  const { root, term } = state.committee;
  if (event.kind === "vote")
    return !equalBytes(event.vote.statement.committeeRoot, root) || event.vote.statement.term !== term;
  if (event.kind === "certificate") return event.certificate.statement.term !== term;
  if (event.kind === "proposal") return event.proposal.statement.term !== term;
  return false;
}
