// What seats say to one another (section 2 of the protocol): proposals, votes, certificates, status and evidence.
// A vote is signed over its statement (purpose `vote`), a proposal over its own (purpose `propose`); neither holds the seat:
// the key does.
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import type { Digest } from "../primitives/index.ts";
import { byteList, digestType, listOf, signatureType, uint8Type, uint16Type, uintType } from "./basic.ts";
import { codec } from "./codec.ts";

export const seatsMax = 64;
export const blockBytesMax = 1 << 20;

/** The order is the wire order: a kind's number is its index. */
export const voteKinds = ["notarize", "nullify", "finalize"] as const;
export type VoteKind = (typeof voteKinds)[number];

const statementType = new ContainerType({
  term: uintType,
  committeeRoot: digestType,
  view: uintType,
  kind: uint8Type,
  /** Zero for a nullify. */
  digest: digestType,
});
const voteType = new ContainerType({ statement: statementType, seat: uint16Type, signature: signatureType });

const proposalStatementType = new ContainerType({
  term: uintType,
  committeeRoot: digestType,
  view: uintType,
  parentView: uintType,
  digest: digestType,
});
const proposalType = new ContainerType({
  statement: proposalStatementType,
  seat: uint16Type,
  signature: signatureType,
});

const certificateType = new ContainerType({
  statement: statementType,
  /** Canonical bitmap over the committee; signatures stand in the order of the seats. */
  signers: byteList(seatsMax / 8),
  signatures: listOf(signatureType, seatsMax),
});

const statusType = new ContainerType({
  term: uintType,
  view: uintType,
  finalizedHeight: uintType,
  /** For each view from `fromView` on: bit 0 a notarization held, bit 1 a nullification, bit 2 a finalization. */
  fromView: uintType,
  held: byteList(256),
});

const evidenceType = new ContainerType({
  /** Either two votes and no proposal, or two proposals and no vote, of one seat in one view (S-13). */
  votes: listOf(voteType, 2),
  proposals: listOf(proposalType, 2),
});

/** What consensus has to know of a block. The application reads it from the block's header. */
export interface BlockFacts {
  readonly digest: Digest;
  readonly parent: Digest;
  readonly height: number;
  readonly term: number;
  readonly timestampMs: number;
  /** The last block of its term: it may certify itself as a parent, and ends the instance (S-10). */
  readonly lastOfTerm: boolean;
}

export type Statement = ValueOf<typeof statementType>;
export type Vote = ValueOf<typeof voteType>;
export type ProposalStatement = ValueOf<typeof proposalStatementType>;
export type Proposal = ValueOf<typeof proposalType>;
export type Certificate = ValueOf<typeof certificateType>;
export type Status = ValueOf<typeof statusType>;
export type Evidence = ValueOf<typeof evidenceType>;

export const statementCodec = codec("statement", statementType);
export const voteCodec = codec("vote", voteType);
export const proposalStatementCodec = codec("proposal statement", proposalStatementType);
export const proposalCodec = codec("proposal", proposalType);
export const certificateCodec = codec("certificate", certificateType);
export const statusCodec = codec("status", statusType);
export const evidenceCodec = codec("evidence", evidenceType);

export const voteKindOf = (statement: Statement): VoteKind | undefined => voteKinds[statement.kind];

/** What a statement's signature signs, before network and purpose are added: `signingRoot(root, networkId, "vote")`. */
export const statementRoot = (statement: Statement): Digest => statementCodec.root(statement);

export { certificateType, evidenceType, proposalType, statementType, voteType };
