// Planted bugs in the rules of consensus: votes, parents, certificates, evidence, views and terms.
import { consensus, type PlantedBug } from "./planted-bug.ts";

export const bugsOfRules: readonly PlantedBug[] = [
  {
    name: "quorum-less-one",
    rule: "S",
    what: "q - 1 votes make a certificate",
    edits: [
      { file: consensus("committee"), find: "quorum: size - faultsMax,", replace: "quorum: size - faultsMax - 1," },
    ],
    caughtBy: { model: { byzantine: 0, views: 1 } },
  },
  {
    name: "unjustified-parent",
    rule: "S-2",
    what: "a proposal may skip views that were not nullified",
    edits: [
      {
        file: consensus("cast"),
        find: "if (parent === undefined || !allNullified(draft, parentView, view)) {",
        replace: "if (parent === undefined) {",
      },
    ],
    caughtBy: { model: { byzantine: 1, views: 2 } },
  },
  {
    name: "nullify-after-finalize",
    rule: "S-4",
    what: "a timeout nullifies a view that was finalized",
    edits: [
      {
        file: consensus("cast"),
        find: "if (!mayVote(draft) || record.own.nullify || record.own.finalize !== undefined) return;",
        replace: "if (!mayVote(draft) || record.own.nullify) return;",
      },
    ],
    caughtBy: { model: { byzantine: 3, views: 1, restarts: 1 } },
  },
  {
    name: "finalize-after-nullify",
    rule: "S-5",
    what: "a seat that nullified finalizes all the same",
    edits: [
      {
        file: consensus("cast"),
        find: "if (digest === undefined || record.own.nullify || record.own.finalize !== undefined) continue;",
        replace: "if (digest === undefined || record.own.finalize !== undefined) continue;",
      },
    ],
    caughtBy: { scenario: "mixed", seedsMax: 20 },
  },
  {
    name: "notarize-twice",
    rule: "S-3",
    what: "a seat notarizes a second block of a view",
    edits: [
      {
        file: consensus("on-proposal"),
        find: "if (record.proposal === undefined) {",
        replace:
          "if (record.proposal === undefined || record.rejected === undefined) {\n    patchView(draft, view, { own: { ...record.own, notarize: undefined } });",
      },
    ],
    caughtBy: { model: { byzantine: 0, views: 1 } },
  },
  {
    name: "timer-not-armed-again",
    rule: "S-1",
    what: "only the first view has a timeout",
    edits: [
      {
        file: consensus("enter-view"),
        find: 'armTimer(draft, "advance", draft.nowMs + advanceTimeoutMs(draft.timing, draft.deltaMs));',
        replace:
          'if (target === draft.floor.view + 1) armTimer(draft, "advance", draft.nowMs + advanceTimeoutMs(draft.timing, draft.deltaMs));',
      },
    ],
    caughtBy: { scenario: "mixed", seedsMax: 20 },
  },
  {
    name: "block-built-again",
    rule: "S-2",
    what: "after a restart a leader builds another block for the view it proposed in",
    edits: [
      {
        file: consensus("create-state"),
        find: "for (const lock of recovered.locks) patch(",
        replace: 'for (const lock of recovered.locks.filter(({ kind }) => kind !== "propose")) patch(',
      },
      {
        file: consensus("create-state"),
        find: "for (const proposal of recovered.proposals) {",
        replace: "for (const proposal of recovered.proposals.slice(0, 0)) {",
      },
    ],
    caughtBy: { scenario: "stall", seedsMax: 20 },
  },
  {
    name: "too-few-signers",
    rule: "S",
    what: "a certificate may have fewer signers than q, its signatures are counted instead",
    edits: [
      {
        file: consensus("certificate"),
        find: 'if (seats.value.length !== committee.quorum) return err("quorum");\n  if (certificate.signatures.length !== seats.value.length) return err("signatures");',
        replace: "",
      },
    ],
    caughtBy: { scenario: "mixed", seedsMax: 60 },
  },
  {
    name: "commit-skips-ancestors",
    rule: "S-7",
    what: "a final block is committed without its ancestors",
    edits: [
      {
        file: consensus("commit"),
        find: 'return { kind: "chain", chain: chain.reverse() };',
        replace: 'return { kind: "chain", chain: chain.slice(0, 1) };',
      },
    ],
    caughtBy: { scenario: "mixed", seedsMax: 20 },
  },
  {
    name: "term-never-ends",
    rule: "S-10",
    what: "another block is built on a term's last one",
    edits: [
      {
        file: consensus("propose"),
        find: "if (facts.lastOfTerm && facts.term === draft.committee.term) {",
        replace: "if (facts.lastOfTerm && facts.term !== draft.committee.term) {",
      },
    ],
    caughtBy: { scenario: "mixed", seedsMax: 10 },
  },
  {
    name: "delta-never-grows",
    rule: "S-9",
    what: "views stay too short for a slow network",
    edits: [
      {
        file: consensus("timing"),
        find: "Math.min(timing.deltaMaxMs, deltaMs + Math.ceil(deltaMs / 2));",
        replace: "deltaMs;",
      },
    ],
    caughtBy: { scenario: "slow", seedsMax: 5 },
  },
  {
    name: "delta-blind-to-own-nullify",
    rule: "S-9",
    what: "views that were notarized too late for this seat to finalize do not lengthen the next",
    edits: [
      {
        file: consensus("enter-view"),
        find: "return viewRecord(draft, draft.view).own.nullify;",
        replace: "return false;",
      },
    ],
    caughtBy: { scenario: "slow", seedsMax: 5 },
  },
  {
    name: "evidence-off-by-one",
    rule: "S-13",
    what: "votes of neighbouring views are held against one another",
    edits: [
      {
        file: consensus("evidence"),
        find: "if (a.seat !== b.seat || a.statement.view !== b.statement.view || a.statement.term !== b.statement.term) return false;",
        replace: "if (a.seat !== b.seat || a.statement.term !== b.statement.term) return false;",
      },
      {
        file: consensus("keeper"),
        find: "const record = viewRecord(draft, vote.statement.view);\n  if (record.faulty",
        replace: "const record = viewRecord(draft, vote.statement.view - 1);\n  if (record.faulty",
      },
    ],
    caughtBy: { scenario: "mixed", seedsMax: 3 },
  },
  {
    name: "finalize-unexecuted",
    rule: "S-5",
    what: "a seat finalizes what it has not executed",
    edits: [
      {
        file: consensus("cast"),
        find: 'if (executed(draft, digest) !== undefined) lock(draft, record, { kind: "finalize", digest });',
        replace: 'lock(draft, record, { kind: "finalize", digest });',
      },
      {
        file: consensus("cast"),
        find: 'if (facts === undefined || parentFacts === undefined) return "wait";',
        replace: 'if (facts === undefined || parentFacts === undefined) return "good";',
      },
    ],
    caughtBy: { scenario: "harsh", seedsMax: 20 },
  },
  {
    name: "signatures-unsorted",
    rule: "S",
    what: "a certificate's signatures stand in the order in which they came",
    edits: [
      {
        file: consensus("certificate"),
        find: "[...votes].sort((a, b) => a.seat - b.seat).slice(",
        replace: "[...votes].reverse().slice(",
      },
    ],
    caughtBy: { scenario: "mixed", seedsMax: 5 },
  },
];
