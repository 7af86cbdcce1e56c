// S-7: a Finalization whose block and ancestors are executed becomes the floor, and everything below it is let go.
// The chain is followed by parents from the final block down to the old floor; one that ends elsewhere is a broken network.
import { type Digest, equalBytes, sortedEntries } from "../primitives/index.ts";
import type { BlockFacts, Certificate } from "../schema/index.ts";
import { executed } from "./parent.ts";
import { type Draft, recordsOf } from "./state.ts";
import { shrunkDelta } from "./timing.ts";

/** Commits the highest Finalization that can be. Answers whether one was. */
export function commitFinal(draft: Draft): boolean {
  const finals = recordsOf(draft).filter((record) => record.finalize !== undefined);
  for (const record of finals.reverse()) {
    const finalization = record.finalize as Certificate;
    const facts = executed(draft, finalization.statement.digest);
    if (facts === undefined) continue;
    const chain = chainTo(draft, facts);
    if (chain === undefined) {
      // More than f seats are faulty (S, "Beyond f Byzantine"): nothing that is signed from here on can help.
      draft.observing ??= "conflicting-finalization";
      draft.effects.push({ kind: "observing", reason: draft.observing });
      return false;
    }
    if (chain.length > 0) draft.effects.push({ kind: "commit", chain, finalization, facts });
    raiseFloor(draft, record.view, finalization, facts);
    return true;
  }
  return false;
}

function chainTo(draft: Draft, last: BlockFacts): readonly Digest[] | undefined {
  const chain: Digest[] = [];
  for (let facts: BlockFacts | undefined = last; facts !== undefined; facts = executed(draft, facts.parent)) {
    if (equalBytes(facts.digest, draft.floor.facts.digest)) return chain.reverse();
    if (facts.height <= draft.floor.facts.height) return undefined;
    chain.push(facts.digest);
  }
  return undefined;
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
