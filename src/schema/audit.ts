// Challenges, responses, reports, receipts and proofs of service (section 5 of the protocol).

import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import type { Bytes } from "../primitives/index.ts";
import {
  accountIdType,
  assetIdType,
  booleanType,
  byteList,
  digestType,
  listOf,
  signatureType,
  uint8Type,
  uint16Type,
  uint32Type,
  uint64Type,
  uintType,
} from "./basic.ts";
import { codec } from "./codec.ts";

export const reportEntriesMax = 2048;
export const receiptsMax = 64;

const challengeType = new ContainerType({
  epoch: uintType,
  kind: uint8Type,
  window: uint8Type,
  index: uint16Type,
  assetId: assetIdType,
  auditor: accountIdType,
  nonce: digestType,
});
const responseType = new ContainerType({
  challengeRoot: digestType,
  prover: accountIdType,
  /** Root of what was answered: leaves and paths, or the digest of a stream. */
  answerRoot: digestType,
});
const signedChallengeType = new ContainerType({ challenge: challengeType, signature: signatureType });
const signedResponseType = new ContainerType({ response: responseType, signature: signatureType });
/** An auditor's proof that a pass was real: filed when drawn (P-3). */
const transcriptType = new ContainerType({
  challenge: challengeType,
  challengeSignature: signatureType,
  response: responseType,
  responseSignature: signatureType,
  /** Which of the entry's passes this is, and the way from its response to the entry's `transcriptsRoot`. */
  position: uint16Type,
  siblings: listOf(digestType, 11),
  /** The answer itself, in the kind's own format. */
  answer: byteList(1 << 17),
});

const reportEntryType = new ContainerType({
  assetId: assetIdType,
  passed: uint16Type,
  attempted: uint16Type,
  /** Units measured, in the kind's unit. */
  measured: uint64Type,
  latencyMs: uint32Type,
  /** Reached at the prefix in `bindNode` and not through a relay. */
  direct: booleanType,
  transcriptsRoot: digestType,
});

const receiptType = new ContainerType({
  assetId: assetIdType,
  requester: accountIdType,
  provider: accountIdType,
  epoch: uintType,
  seq: uintType,
  /** Units delivered to this requester in the epoch so far: each receipt replaces the one before it. */
  units: uint64Type,
  previous: digestType,
});
const signedReceiptType = new ContainerType({
  receipt: receiptType,
  requesterSignature: signatureType,
});
const countersignedReceiptType = new ContainerType({
  receipt: receiptType,
  requesterSignature: signatureType,
  providerSignature: signatureType,
});

const proofOfServiceType = new ContainerType({
  assetId: assetIdType,
  owner: accountIdType,
  epoch: uintType,
  seq: uintType,
  responsesRoot: digestType,
  unitsServed: uint64Type,
  /** Digests of the latest receipt of each requester. */
  receipts: listOf(digestType, receiptsMax),
});
const signedProofOfServiceType = new ContainerType({ proof: proofOfServiceType, signature: signatureType });

export type Challenge = ValueOf<typeof challengeType>;
export type SignedChallenge = ValueOf<typeof signedChallengeType>;
export type Response = ValueOf<typeof responseType>;
export type SignedResponse = ValueOf<typeof signedResponseType>;
export type Transcript = ValueOf<typeof transcriptType>;
export type ReportEntry = ValueOf<typeof reportEntryType>;
export type Receipt = ValueOf<typeof receiptType>;
export type SignedReceipt = ValueOf<typeof signedReceiptType>;
export type CountersignedReceipt = ValueOf<typeof countersignedReceiptType>;
export type ProofOfService = ValueOf<typeof proofOfServiceType>;
export type SignedProofOfService = ValueOf<typeof signedProofOfServiceType>;

/** An entry's encoding, of which a report part's record is made after the offset of its list. */
export const reportEntryBytes = reportEntryType.fixedSize as number;
const listOffsetBytes = 4;
export const reportPartCount = (part: Bytes): number => Math.floor((part.length - listOffsetBytes) / reportEntryBytes);
/** Where the entry at `index` begins in the encoding of a report part; its asset's id is first. */
export const reportEntryAt = (index: number): number => listOffsetBytes + index * reportEntryBytes;

export const challengeCodec = codec("challenge", challengeType);
export const signedChallengeCodec = codec("signed challenge", signedChallengeType);
export const responseCodec = codec("response", responseType);
export const signedResponseCodec = codec("signed response", signedResponseType);
export const transcriptCodec = codec("transcript", transcriptType);
export const reportEntryCodec = codec("report entry", reportEntryType);
export const receiptCodec = codec("receipt", receiptType);
export const signedReceiptCodec = codec("signed receipt", signedReceiptType);
export const countersignedReceiptCodec = codec("countersigned receipt", countersignedReceiptType);
export const proofOfServiceCodec = codec("proof of service", proofOfServiceType);
export const signedProofOfServiceCodec = codec("signed proof of service", signedProofOfServiceType);

/** The responses behind an entry's passes, in order: its root is the entry's `transcriptsRoot`. */
export const transcriptsDepth = 10;
/** A part of a report: its root is what `reportCommit` commits to. */
export const reportEntriesCodec = codec("report entries", listOf(reportEntryType, reportEntriesMax));
export const transcriptsType = listOf(digestType, 1 << transcriptsDepth);

export { countersignedReceiptType, receiptType, reportEntryType, signedReceiptType, transcriptType };
