// S-2: which block a view may build on. A parent view p is justified by a certificate of p (or p being the floor) and a
// Nullification of every view between. Pure lookups; used to propose and to judge a proposal.
import { type Digest, equalBytes, keyOf } from "../primitives/index.ts";
import type { BlockFacts } from "../schema/index.ts";
import { type State, viewRecord } from "./state.ts";

export interface Parent {
  readonly view: number;
  readonly digest: Digest;
}

/** The block certified in view `p`; the floor's own block when `p` is its view. */
export function certifiedIn(state: State, p: number): Digest | undefined {
  if (p === state.floor.view) return state.floor.facts.digest;
  const record = viewRecord(state, p);
  return (record.notarize ?? record.finalize)?.statement.digest;
}

/** Whether a Nullification is held for every u with `from` < u < `to`. */
export function allNullified(state: State, from: number, to: number): boolean {
  for (let u = from + 1; u < to; u++) if (viewRecord(state, u).nullify === undefined) return false;
  return true;
}

/** The highest justified parent for a proposal in `view`, or undefined while certificates are missing. */
export function parentFor(state: State, view: number): Parent | undefined {
  for (let p = view - 1; p >= state.floor.view; p--) {
    const digest = certifiedIn(state, p);
    if (digest !== undefined) return { view: p, digest };
    if (viewRecord(state, p).nullify === undefined) return undefined;
  }
  return undefined;
}

/** Facts of a block that was executed here, the floor's included. */
export function executed(state: State, digest: Digest): BlockFacts | undefined {
  if (equalBytes(digest, state.floor.facts.digest)) return state.floor.facts;
  const outcome = state.blocks.get(keyOf(digest));
  return outcome?.kind === "valid" ? outcome.facts : undefined;
}
