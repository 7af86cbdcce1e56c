// S-7: a Finalization whose block and ancestors are executed becomes the floor, and everything below it is let go.
// The chain is followed by parents from the final block down to the old floor; one that passes it by is a broken network.
import { type Digest, equalBytes, sortedEntries } from "../primitives/index.ts";
import type { BlockFacts, Certificate } from "../schema/index.ts";
import { stopVoting } from "./own-messages.ts";
import { executed } from "./parent.ts";
import { type Draft, recordsOf, type State } from "./state.ts";
import { shrunkDelta } from "./timing.ts";

/** Commits the highest Finalization that can be. Answers whether one was. */
export function commitFinal(draft: Draft): boolean {
  const finals = recordsOf(draft).filter((record) => record.finalize !== undefined);
  for (const record of finals.reverse()) {
    const finalization = record.finalize as Certificate;
    const facts = executed(draft, finalization.statement.digest);
    if (facts === undefined) continue;
    const line = lineTo(draft, facts);
    if (line.kind === "missing") continue; // Asked for again by wantBlocks.
    if (line.kind === "conflict") {
      // More than f seats are faulty (S, "Beyond f Byzantine"): nothing that is signed from here on can help.
      stopVoting(draft, "conflicting-finalization");
      return false;
    }
    const { chain } = line;
    if (chain.length > 0) draft.effects.push({ kind: "commit", chain, finalization, facts });
    raiseFloor(draft, record.view, finalization, facts);
    return true;
  }
  return false;
}

/** How a block stands on the floor: by these blocks, oldest first; by one whose outcome is not known here; or not at all. */
export type Line =
  | { readonly kind: "chain"; readonly chain: readonly Digest[] }
  | { readonly kind: "missing"; readonly digest: Digest }
  | { readonly kind: "conflict" };

export function lineTo(state: State, last: BlockFacts): Line {
  const { digest: floor, height } = state.floor.facts;
  const chain: Digest[] = [];
  let facts = last;
  while (!equalBytes(facts.digest, floor)) {
    if (facts.height <= height) return { kind: "conflict" };
    chain.push(facts.digest);
    const parent = executed(state, facts.parent);
    if (parent === undefined) return { kind: "missing", digest: facts.parent };
    if (parent.height >= facts.height) return { kind: "conflict" }; // No application says so; a circle would have no end.
    facts = parent;
  }
  return { kind: "chain", chain: chain.reverse() };
}

function raiseFloor(draft: Draft, view: number, finalization: Certificate, facts: BlockFacts): void {
  draft.floor = { view, facts, finalization };
  draft.ended = facts.lastOfTerm;
  draft.deltaMs = shrunkDelta(draft.timing, draft.deltaMs); // S-9
  draft.views = new Map(sortedEntries(draft.views).filter(([key]) => key > view));
  draft.blocks = new Map(
    sortedEntries(draft.blocks).filter(
      ([, outcome]) => outcome.kind === "valid" && outcome.facts.height > facts.height,
    ),
  );
  draft.asked = new Map();
}
