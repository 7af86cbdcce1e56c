// S-14: why a seat only observes, when it starts and when a term ends. Pure; called by the driver's core.
import type { Timing } from "../../consensus/index.ts";
import type { VoteGuard } from "../../ports/index.ts";

/** Passes when enough peers answered what they have of our own messages in this term, or by itself after a while. */
export const asking = "asking-for-own-votes";
/** Until peers were asked for our votes, or so many deltas have passed, a restarted seat does not vote. */
export const askingDeltas = 2;
/** Passes with the term: nothing of it can be written into the guard any more. */
const notKept = "guard-does-not-keep-this-term";

/** Why not to vote in `term`: what is wrong with the memories, else what was already known before. */
export function reasonToObserve(
  guard: Pick<VoteGuard, "state" | "keeps">,
  term: number,
  { damage, before }: { readonly damage: string | undefined; readonly before: string | undefined },
): string | undefined {
  if (guard.state === "damaged") return "guard-damaged";
  return (guard.keeps(term) ? damage : notKept) ?? before;
}

/**
 * What is left of a reason when a term has ended whose last block is of `lastBlockMs`. A seat votes again when that block is
 * younger than its start: then it cannot have voted in the next term before. Younger by more than two drifts, because the
 * block's clock may be ahead of the validators' by one, and theirs of ours by another (L-2). Until then it may have voted in
 * the next term in an earlier life that no memory of ours knows, and asks its peers again.
 */
export function reasonAfterTerm(
  reason: string | undefined,
  times: { readonly lastBlockMs: number; readonly startedMs: number },
  timing: Timing,
): { readonly reason: string | undefined; readonly mended: boolean } {
  const mended = times.lastBlockMs > times.startedMs + 2 * timing.driftMs;
  if (mended) return { reason: undefined, mended };
  return { reason: reason === undefined || reason === notKept ? asking : reason, mended };
}
