// Which signatures have to be verified before a message may become an input. Called by the driver, by sync and by light
// clients; the verification itself is asynchronous and happens outside. Form first, signatures last.
import type { SignatureCheck } from "../crypto/index.ts";
import { type Bytes, equalBytes, err, type NetworkId, ok, type Result } from "../primitives/index.ts";
import {
  type Certificate,
  type Proposal,
  proposalStatementCodec,
  type Statement,
  signingRoot,
  statementRoot,
  type Vote,
} from "../schema/index.ts";
import { type CertificateFault, certificateSigners, type StatementFault, statementFault } from "./certificate.ts";
import { type Committee, leaderOf } from "./committee.ts";

export type ProposalFault = "term" | "committee" | "view" | "leader";

const publicKeyOf = (committee: Committee, seat: number): Bytes => committee.seats[seat]?.publicKey as Bytes;

const voteRoot = (networkId: NetworkId, statement: Statement) =>
  signingRoot(statementRoot(statement), networkId, "vote");

/** What a vote owes, or what is wrong with its form. */
export function voteOwes(
  committee: Committee,
  networkId: NetworkId,
  vote: Vote,
): Result<SignatureCheck, StatementFault | "seat"> {
  const fault = statementFault(committee, vote.statement);
  if (fault !== undefined) return err(fault);
  if (vote.seat >= committee.seats.length) return err("seat");
  const publicKey = publicKeyOf(committee, vote.seat);
  return ok({ publicKey, root: voteRoot(networkId, vote.statement), purpose: "vote", signature: vote.signature });
}

/** What a certificate owes: one check a signer, in the order of the seats. */
export function certificateOwes(
  committee: Committee,
  networkId: NetworkId,
  certificate: Certificate,
): Result<readonly SignatureCheck[], CertificateFault> {
  const seats = certificateSigners(committee, certificate);
  if (!seats.ok) return seats;
  const root = voteRoot(networkId, certificate.statement);
  return ok(
    seats.value.map((seat, index) => ({
      publicKey: publicKeyOf(committee, seat),
      root,
      purpose: "vote",
      signature: certificate.signatures[index] as Bytes,
    })),
  );
}

/** What a proposal owes: only the leader of its view can have made it (S-2, S-12). */
export function proposalOwes(
  committee: Committee,
  networkId: NetworkId,
  proposal: Proposal,
): Result<SignatureCheck, ProposalFault> {
  const { statement, seat, signature } = proposal;
  if (statement.term !== committee.term) return err("term");
  if (!equalBytes(statement.committeeRoot, committee.root)) return err("committee");
  if (statement.view < 1) return err("view");
  if (seat !== leaderOf(committee, statement.view)) return err("leader");
  const root = signingRoot(proposalStatementCodec.root(statement), networkId, "propose");
  return ok({ publicKey: publicKeyOf(committee, seat), root, purpose: "propose", signature });
}
