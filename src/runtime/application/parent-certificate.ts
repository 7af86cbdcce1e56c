// The certificate that about one block in `certificateEveryBlocks` carries of its parent (L-1, R-8): whether one is due, and
// who stands in it. A block that is drawn may do without; one that is not may not carry it.
import { type SignatureCheck, sha256 } from "../../crypto/index.ts";
import {
  type Bytes,
  bitmapIndices,
  type Digest,
  equalBytes,
  err,
  fromBigEndian,
  type NetworkId,
  ok,
  type Result,
  utf8ToBytes,
} from "../../primitives/index.ts";
import {
  type Certificate,
  type CommitteeState,
  type Header,
  signingRoot,
  statementRoot,
  voteKindOf,
} from "../../schema/index.ts";

/** Drawn by the parent's reveal, so that its proposer's successor cannot choose. */
export const isSampled = (parent: Header, everyBlocks: number): boolean =>
  parent.height > 0 &&
  fromBigEndian(sha256(utf8ToBytes("sample"), parent.beaconReveal).subarray(0, 8)) % BigInt(everyBlocks) === 0n;

export interface SampledCertificate {
  readonly seats: readonly number[];
  readonly checks: readonly SignatureCheck[];
}

const quorumOf = (seats: number): number => seats - Math.floor((seats - 1) / 3);

/** The seats in a certificate of `parent` and the signatures that it owes; or what is wrong with it. */
export function readParentCertificate(
  certificate: Certificate,
  parent: { readonly header: Header; readonly digest: Digest },
  against: {
    readonly committee: CommitteeState;
    readonly networkId: NetworkId;
    readonly publicKey: (keyId: Digest) => Bytes | undefined;
  },
): Result<SampledCertificate, string> {
  const { statement, signers, signatures } = certificate;
  const { committee } = against;
  const kind = voteKindOf(statement);
  if (kind !== "notarize" && kind !== "finalize") return err("certificate-kind");
  if (statement.term !== committee.term || !equalBytes(statement.committeeRoot, committee.root))
    return err("certificate-term");
  if (!equalBytes(statement.digest, parent.digest)) return err("certificate-digest");
  const seats = bitmapIndices(signers, committee.seats.length);
  if (!seats.ok) return err(seats.error);
  if (seats.value.length < quorumOf(committee.seats.length) || signatures.length !== seats.value.length) {
    return err("certificate-quorum");
  }
  const root = signingRoot(statementRoot(statement), against.networkId, "vote");
  const checks: SignatureCheck[] = [];
  for (const [index, seat] of seats.value.entries()) {
    const publicKey = against.publicKey((committee.seats[seat] as CommitteeState["seats"][number]).keyId);
    if (publicKey === undefined) return err("certificate-key");
    checks.push({ publicKey, root, purpose: "vote", signature: signatures[index] as Bytes });
  }
  return ok({ seats: seats.value, checks });
}
