// What this node must never forget (S-14): locks, own signatures, certificates above the floor, term ends. In the store
// and, for locks and signatures, in the guard. Order for every signature: lock in the store, lock in the guard, signature,
// signature in the store, signature in the guard; only then may it leave the node. Used by the driver only.
import type { Committee, Lock, Recovered } from "../../consensus/index.ts";
import { sha256 } from "../../crypto/index.ts";
import type { GuardKind, Store, StoreOperation, VoteGuard } from "../../ports/index.ts";
import { guardKinds } from "../../ports/index.ts";
import {
  type Bytes,
  bigEndian,
  concatBytes,
  equalBytes,
  FairmeshError,
  keyOf,
  zeroDigest,
} from "../../primitives/index.ts";
import {
  type Certificate,
  type Codec,
  certificateCodec,
  type Proposal,
  type ProposalStatement,
  proposalCodec,
  proposalStatementCodec,
  type Statement,
  statementCodec,
  type Vote,
  voteCodec,
  voteKinds,
} from "../../schema/index.ts";
import { driverSpaces, limits } from "./wire.ts";

export type Binding =
  | { readonly kind: "vote"; readonly statement: Statement }
  | { readonly kind: "proposal"; readonly statement: ProposalStatement };
export type Signed =
  | { readonly kind: "vote"; readonly vote: Vote }
  | { readonly kind: "proposal"; readonly proposal: Proposal };

export interface TermMemory extends Recovered {
  /** Locks whose signature was not stored: the identical message may be signed again. */
  readonly unsigned: readonly Binding[];
  /** Signed messages in the database whose signature the guard lacks: it gets them before they are said again. */
  readonly unguarded: readonly Signed[];
  /** Why this memory cannot be trusted with further signatures. */
  readonly damage: string | undefined;
}

const rowKey = (term: number, view: number, kind: number): Bytes =>
  concatBytes(bigEndian(term), bigEndian(view), bigEndian(kind, 1));
const proposeKind = voteKinds.length;
const kindIndex = (binding: Binding): number => (binding.kind === "vote" ? binding.statement.kind : proposeKind);
const guardKindOf = (binding: Binding): GuardKind =>
  binding.kind === "vote" ? (voteKinds[binding.statement.kind] as GuardKind) : "propose";
const digestOf = (binding: Binding) =>
  binding.kind === "vote" ? binding.statement.digest : proposalStatementCodec.root(binding.statement);

export class VoteMemory {
  readonly #store: Store;
  readonly #guard: VoteGuard;
  /** Rows of the current term by view, to delete them when the floor passes. */
  readonly #rows = new Map<number, StoreOperation[]>();
  /** Certificates first held since the last synchronous batch: they are in the next one, before anything relies on them. */
  #waiting: StoreOperation[] = [];

  constructor(store: Store, guard: VoteGuard) {
    this.#store = store;
    this.#guard = guard;
  }

  /** A certificate to be durable with, and so before, the next lock or commit. */
  keep(certificate: Certificate): void {
    const { term, view, kind } = certificate.statement;
    this.#waiting.push(
      this.#row(driverSpaces.certificates, { term, view, kind }, certificateCodec.encode(certificate)),
    );
  }

  /** Makes locks durable in both memories. Rejects when either fails: then nothing may be signed. */
  async lock(bindings: readonly Binding[]): Promise<void> {
    await this.#flush(
      bindings.map((binding) => {
        const { term, view } = binding.statement;
        const value =
          binding.kind === "vote"
            ? statementCodec.encode(binding.statement)
            : proposalStatementCodec.encode(binding.statement);
        return this.#row(driverSpaces.locks, { term, view, kind: kindIndex(binding) }, value);
      }),
    );
    for (const binding of bindings) await this.#guard.append(guardRecord(binding, undefined));
  }

  /** Makes signatures durable in both memories. */
  async signed(messages: readonly Signed[]): Promise<void> {
    await this.#flush(
      messages.map((message) => {
        const binding = bindingOf(message);
        const { term, view } = binding.statement;
        const value = message.kind === "vote" ? voteCodec.encode(message.vote) : proposalCodec.encode(message.proposal);
        return this.#row(driverSpaces.signed, { term, view, kind: kindIndex(binding) }, value);
      }),
    );
    for (const message of messages) await this.#guard.append(guardRecord(bindingOf(message), signatureOf(message)));
  }

  /** After a crash between the two: signatures that are in the database go into the guard too. */
  async guardAgain(messages: readonly Signed[]): Promise<void> {
    for (const message of messages) await this.#guard.append(guardRecord(bindingOf(message), signatureOf(message)));
  }

  /** What goes into the batch of a commit: what waits, and the end of every row at or below the new floor. */
  takeForCommit(floorView: number, termEnd: Certificate | undefined): readonly StoreOperation[] {
    const operations: StoreOperation[] = this.#waiting;
    this.#waiting = [];
    for (const [view, rows] of Array.from(this.#rows)) {
      if (termEnd === undefined && view > floorView) continue;
      for (const { space, key } of rows) operations.push({ space, key });
      this.#rows.delete(view);
    }
    if (termEnd !== undefined) {
      const key = bigEndian(termEnd.statement.term);
      operations.push({ space: driverSpaces.termEnds, key, value: certificateCodec.encode(termEnd) });
    }
    return operations;
  }

  termEnd(term: number): Certificate | undefined {
    const bytes = this.#store.get(driverSpaces.termEnds, bigEndian(term));
    return bytes === undefined ? undefined : decoded(certificateCodec, bytes);
  }

  /** Everything known of a term above `floorView`, from both memories (S-14: either binds). */
  async load(committee: Committee, floorView: number): Promise<TermMemory> {
    const { term } = committee;
    this.#rows.clear();
    this.#waiting = [];
    const certificates = (await this.#read(driverSpaces.certificates, term)).map((row) =>
      decoded(certificateCodec, row.value),
    );
    const votes: Vote[] = [];
    const proposals: Proposal[] = [];
    for (const { kind, value } of await this.#read(driverSpaces.signed, term)) {
      if (kind === proposeKind) proposals.push(decoded(proposalCodec, value));
      else votes.push(decoded(voteCodec, value));
    }
    const bindings: Binding[] = (await this.#read(driverSpaces.locks, term)).map(({ kind, value }) =>
      kind === proposeKind
        ? { kind: "proposal", statement: decoded(proposalStatementCodec, value) }
        : { kind: "vote", statement: decoded(statementCodec, value) },
    );
    const guarded = this.#guard.records(term);
    const guardedKeys = new Map(guarded.map((record) => [lockKey(record.view, record.kind), record.digest]));
    const signedKeys = new Set([
      ...votes.map((vote) => lockKey(vote.statement.view, voteKinds[vote.statement.kind] as GuardKind)),
      ...proposals.map((proposal) => lockKey(proposal.statement.view, "propose")),
    ]);
    const stored = new Map(bindings.map((binding) => [lockKey(binding.statement.view, guardKindOf(binding)), binding]));
    let damage: string | undefined;
    for (const [key, binding] of Array.from(stored)) {
      const digest = guardedKeys.get(key);
      if (digest === undefined && signedKeys.has(key)) damage = "guard-lacks-a-signature"; // It was there before the signature.
      if (digest !== undefined && !equalBytes(digest, digestOf(binding))) damage = "guard-and-database-disagree";
    }
    for (const record of guarded) {
      // The database lost this lock. A vote can be made again from the guard alone; a proposal's bytes cannot.
      const key = lockKey(record.view, record.kind);
      if (stored.has(key) || record.kind === "propose") continue;
      const kind = voteKinds.indexOf(record.kind);
      const statement = { term, committeeRoot: committee.root, view: record.view, kind, digest: record.digest };
      stored.set(key, { kind: "vote", statement });
    }
    const locks: Lock[] = [
      ...guarded.map(({ view, kind, digest }) => ({ view, kind, digest })),
      ...bindings.map((binding) => ({
        view: binding.statement.view,
        kind: guardKindOf(binding),
        digest: digestOf(binding),
      })),
    ].filter((lock) => lock.view > floorView);
    const unsigned = Array.from(stored.values()).filter(
      ({ statement }, index) =>
        statement.view > floorView && !signedKeys.has(Array.from(stored.keys())[index] as string),
    );
    const guardSigned = new Set(
      guarded
        .filter((record) => !equalBytes(record.signatureHash, zeroDigest))
        .map((record) => lockKey(record.view, record.kind)),
    );
    const messages: readonly Signed[] = [
      ...votes.map((vote): Signed => ({ kind: "vote", vote })),
      ...proposals.map((proposal): Signed => ({ kind: "proposal", proposal })),
    ];
    const unguarded = messages.filter((message) => {
      const binding = bindingOf(message);
      return !guardSigned.has(lockKey(binding.statement.view, guardKindOf(binding)));
    });
    return { certificates, votes, proposals, locks, unsigned, unguarded, damage };
  }

  async #flush(operations: readonly StoreOperation[]): Promise<void> {
    const all = [...this.#waiting, ...operations];
    this.#waiting = [];
    await this.#store.batch(all, { sync: true });
  }

  #row(space: string, at: { term: number; view: number; kind: number }, value: Bytes): StoreOperation {
    const operation = { space, key: rowKey(at.term, at.view, at.kind), value };
    const rows = this.#rows.get(at.view) ?? [];
    if (!rows.some((row) => row.space === space && equalBytes(row.key, operation.key))) {
      rows.push({ space, key: operation.key });
    }
    this.#rows.set(at.view, rows);
    return operation;
  }

  async #read(space: string, term: number): Promise<readonly { kind: number; value: Bytes }[]> {
    const rows: { kind: number; value: Bytes }[] = [];
    const range = this.#store.range(space, bigEndian(term), bigEndian(term + 1), limits.recoveredRowsMax);
    for await (const [key, value] of range) {
      const view = Number(key.slice(8, 16).reduce((sum, byte) => sum * 256 + byte, 0));
      const kind = key[16] as number;
      this.#row(space, { term, view, kind }, value);
      rows.push({ kind, value });
    }
    return rows;
  }
}

const lockKey = (view: number, kind: GuardKind): string => `${view}/${guardKinds.indexOf(kind)}`;

const bindingOf = (message: Signed): Binding =>
  message.kind === "vote"
    ? { kind: "vote", statement: message.vote.statement }
    : { kind: "proposal", statement: message.proposal.statement };

const signatureOf = (message: Signed): Bytes =>
  message.kind === "vote" ? message.vote.signature : message.proposal.signature;

const guardRecord = (binding: Binding, signature: Bytes | undefined) => ({
  term: binding.statement.term,
  view: binding.statement.view,
  kind: guardKindOf(binding),
  digest: digestOf(binding),
  signatureHash: signature === undefined ? zeroDigest : sha256(signature),
});

/** A stored value that we wrote ourselves; the store's checksum was right, so anything else is our own fault. */
function decoded<T>(codec: Codec<T>, bytes: Bytes): T {
  const value = codec.decode(bytes);
  if (value.ok) return value.value;
  throw new FairmeshError("STORE_DAMAGED", `a stored ${codec.name} cannot be read`, {
    fields: { bytes: keyOf(bytes.slice(0, 16)) },
  });
}
