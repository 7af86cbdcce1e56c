// Certificates: q distinct signers of one statement as a canonical bitmap, signatures in the order of the seats.
// Assembled here from verified votes, taken apart here, and checked here for everything but the signatures themselves.
import { bitmapIndices, bitmapOf, equalBytes, err, ok, type Result, zeroDigest } from "../primitives/index.ts";
import { type Certificate, type Statement, type Vote, type VoteKind, voteKindOf, voteKinds } from "../schema/index.ts";
import type { Committee } from "./committee.ts";

export type StatementFault = "term" | "committee" | "view" | "kind" | "digest";
export type CertificateFault = StatementFault | "bitmap-length" | "bitmap-range" | "quorum" | "signatures";

export function statementOf(
  committee: Committee,
  view: number,
  vote: { readonly kind: VoteKind; readonly digest?: Statement["digest"] },
): Statement {
  return {
    term: committee.term,
    committeeRoot: committee.root,
    view,
    kind: voteKinds.indexOf(vote.kind),
    digest: vote.digest ?? zeroDigest,
  };
}

/** What is wrong with a statement as a vote in this committee's term; undefined when nothing is. */
export function statementFault(committee: Committee, statement: Statement): StatementFault | undefined {
  if (statement.term !== committee.term) return "term";
  if (!equalBytes(statement.committeeRoot, committee.root)) return "committee";
  if (statement.view < 1) return "view";
  const kind = voteKindOf(statement);
  if (kind === undefined) return "kind";
  if ((kind === "nullify") !== equalBytes(statement.digest, zeroDigest)) return "digest";
  return undefined;
}

/** The certificate of the first q of these votes by seat. Precondition: one statement, one vote a seat, at least q. */
export function assembleCertificate(committee: Committee, votes: readonly Vote[]): Certificate {
  const chosen = [...votes].sort((a, b) => a.seat - b.seat).slice(0, committee.quorum);
  const seats = chosen.map((vote) => vote.seat);
  return {
    statement: (chosen[0] as Vote).statement,
    signers: bitmapOf(seats, committee.seats.length),
    signatures: chosen.map((vote) => vote.signature),
  };
}

/**
 * The signers of a certificate whose form is right: statement of this term, canonical bitmap, exactly q seats, as many
 * signatures. Length, range and number are checked before any signature is looked at; those are still owed (owed.ts).
 */
export function certificateSigners(
  committee: Committee,
  certificate: Certificate,
): Result<readonly number[], CertificateFault> {
  const fault = statementFault(committee, certificate.statement);
  if (fault !== undefined) return err(fault);
  const seats = bitmapIndices(certificate.signers, committee.seats.length);
  if (!seats.ok) return seats;
  if (seats.value.length !== committee.quorum) return err("quorum");
  if (certificate.signatures.length !== seats.value.length) return err("signatures");
  return ok(seats.value);
}

/** The votes that a certificate consists of; none when its form is wrong. */
export function certificateVotes(committee: Committee, certificate: Certificate): readonly Vote[] {
  const seats = certificateSigners(committee, certificate);
  if (!seats.ok) return [];
  return seats.value.map((seat, index) => ({
    statement: certificate.statement,
    seat,
    signature: certificate.signatures[index] as Vote["signature"],
  }));
}
