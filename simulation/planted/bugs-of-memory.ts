// Planted bugs in what is remembered and what is said: locks, signatures, certificates, bodies; relaying, resending, serving.
import { consensus, driver, type PlantedBug } from "./planted-bug.ts";

export const bugsOfMemory: readonly PlantedBug[] = [
  {
    name: "unsynced-votes",
    rule: "S-14",
    what: "locks and signatures are written without fsync",
    edits: [
      {
        file: driver("vote-memory"),
        find: "await this.#store.batch(all, { sync: true });",
        replace: "await this.#store.batch(all, { sync: false });",
      },
    ],
    caughtBy: { scenario: "mixed", seedsMax: 3 },
  },
  {
    name: "unguarded-signature",
    rule: "S-14",
    what: "a signature goes out before it is in the guard",
    edits: [
      {
        file: driver("vote-memory"),
        find: "for (const message of messages) await this.#guard.append(guardRecord(bindingOf(message), signatureOf(message)));\n  }\n\n  /** After a crash",
        replace: "}\n\n  /** After a crash",
      },
    ],
    caughtBy: { scenario: "mixed", seedsMax: 3 },
  },
  {
    name: "sent-before-stored",
    rule: "S-14",
    what: "a vote is sent and then stored",
    edits: [
      {
        file: driver("signing"),
        find: "await memory.signed(signed);\n    return signed;",
        replace: "void memory.signed(signed);\n    return signed;",
      },
    ],
    caughtBy: { scenario: "mixed", seedsMax: 3 },
  },
  {
    name: "votes-forgotten",
    rule: "S-14",
    what: "a restart does not read votes and locks back",
    edits: [
      {
        file: consensus("create-state"),
        find: "views: recovered === undefined ? new Map() : recoveredViews(floor, recovered),",
        replace:
          "views: new Map(recovered === undefined ? undefined : recoveredViews(floor, { ...recovered, locks: [], votes: [] })),",
      },
    ],
    caughtBy: { scenario: "stall", seedsMax: 20 },
  },
  {
    name: "guard-ignored",
    rule: "S-14",
    what: "only the database binds, not the guard",
    edits: [
      {
        file: driver("vote-memory"),
        find: "const guarded = this.#guard.records(term);",
        replace: "const guarded = this.#guard.records(term).slice(0, 0);",
      },
    ],
    caughtBy: { scenario: "forgetful", seedsMax: 20 },
  },
  {
    name: "damage-overlooked",
    rule: "S-14",
    what: "a seat goes on voting with a damaged guard once it was renewed",
    edits: [
      {
        file: driver("observing"),
        find: "const mended = times.lastBlockMs > times.startedMs + 2 * timing.driftMs;",
        replace: "const mended = true;",
      },
    ],
    caughtBy: { scenario: "forgetful", seedsMax: 100 },
  },
  {
    name: "asked-in-one-term",
    rule: "S-14",
    what: "peers are asked for forgotten votes only in the term in which a node starts",
    edits: [
      {
        file: driver("observing"),
        find: "reason: reason === undefined || reason === notKept ? asking : reason",
        replace: "reason: reason === notKept || reason === asking ? undefined : reason",
      },
    ],
    caughtBy: { scenario: "set-back", seedsMax: 5 },
  },
  {
    name: "resend-once",
    rule: "S-8",
    what: "messages are said again only once a view",
    edits: [
      {
        file: consensus("resend"),
        find: 'armTimer(draft, "resend", draft.nowMs + draft.deltaMs);',
        replace: 'if (draft.resends === 0 && draft.view === 0) armTimer(draft, "resend", draft.nowMs + draft.deltaMs);',
      },
    ],
    caughtBy: { scenario: "mixed", seedsMax: 40 },
  },
  {
    name: "certificates-in-memory",
    rule: "S-14",
    what: "certificates above the floor are not written",
    edits: [
      {
        file: driver("vote-memory"),
        find: "keep(certificate: Certificate): void {",
        replace: "keep(certificate: Certificate): void {\n    if (certificate !== undefined) return;",
      },
    ],
    caughtBy: { scenario: "stall-a", seedsMax: 40 },
  },
  {
    name: "bodies-not-fetched",
    rule: "S-3",
    what: "a body that did not come with its proposal is never asked for",
    edits: [{ file: driver("blocks"), find: "await this.#fetch(account, digest, certified);", replace: "" }],
    caughtBy: { scenario: "mixed", seedsMax: 10 },
  },
  {
    name: "bodies-in-memory",
    rule: "S-14",
    what: "bodies are kept in memory and not on the disk",
    edits: [
      {
        file: driver("blocks"),
        find: "readonly #heights = new Map<string, number>();",
        replace: "readonly #heights = new Map<string, number>();\n  readonly #memory = new Map<string, Bytes>();",
      },
      {
        file: driver("blocks"),
        find: "await this.#options.store.batch([{ space: driverSpaces.bodies, key: digest, value: bytes }], { sync: true });",
        replace: "this.#memory.set(key, bytes);",
      },
      {
        file: driver("blocks"),
        find: "return this.#options.store.get(driverSpaces.bodies, digest) ??",
        replace: "return this.#memory.get(keyOf(digest)) ??",
      },
    ],
    caughtBy: { scenario: "stall", seedsMax: 20 },
  },
  {
    name: "evidence-not-relayed",
    rule: "S-8",
    what: "a certificate is told to nobody: neither relayed, nor said again, nor given in an answer",
    edits: [
      {
        file: consensus("hold-certificate"),
        find: "const to = relayTo(draft, view, fromSeat);",
        replace: "const to = relayTo(draft, view, fromSeat).slice(0, 0);",
      },
      {
        file: consensus("resend"),
        find: "if (entry !== undefined) {",
        replace: "if (entry !== undefined && draft.nowMs < 0) {",
      },
      {
        file: consensus("answer"),
        find: "return certificate !== undefined && (held & bitOf[kind]) === 0 ? [certificate] : [];",
        replace: "return certificate !== undefined && held < 0 ? [certificate] : [];",
      },
      {
        file: consensus("on-vote"),
        find: "if (certificate === undefined) return;",
        replace: "if (certificate === undefined || draft.nowMs > 0) return;",
      },
    ],
    caughtBy: { scenario: "stall", seedsMax: 20 },
  },
  {
    name: "signatures-unverified",
    rule: "S-8",
    what: "a certificate's signatures are not verified",
    edits: [
      {
        file: driver("ingress"),
        find: "return results.every((good) => good);",
        replace: "return results.length > 1 || results.every((good) => good);",
      },
    ],
    caughtBy: { scenario: "mixed", seedsMax: 60 },
  },
  {
    name: "old-term-accepted",
    rule: "S-10",
    what: "votes of an earlier term count in this one",
    edits: [
      { file: driver("ingress"), find: "if (term !== current) {", replace: "if (term > current) {" },
      {
        file: driver("ingress"),
        find: "if (termOf(message) !== state().committee.term ||",
        replace: "if (termOf(message) > state().committee.term ||",
      },
      {
        file: driver("event"),
        find: "return !equalBytes(event.vote.statement.committeeRoot, root) || event.vote.statement.term !== term;",
        replace: "return event.vote.statement.term > term || equalBytes(root, new Uint8Array(32));",
      },
      {
        file: consensus("certificate"),
        find: 'if (statement.term !== committee.term) return "term";\n  if (!equalBytes(statement.committeeRoot, committee.root)) return "committee";',
        replace: 'if (statement.term > committee.term) return "term";',
      },
    ],
    caughtBy: { scenario: "mixed", seedsMax: 60 },
  },
  {
    name: "old-term-not-served",
    rule: "S-10",
    what: "whoever is still in an earlier term is not shown how it ended",
    edits: [
      {
        file: driver("serve"),
        find: 'if (certificate !== undefined) yield encodeConsensusMessage({ kind: "certificate", certificate });',
        replace: "",
      },
    ],
    caughtBy: { scenario: "mixed", seedsMax: 20 },
  },
];
