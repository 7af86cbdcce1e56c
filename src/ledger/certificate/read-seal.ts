// A seal: an epoch record, the header that commits to it with its descendants, and the finalization of the last of them by
// the committee of their term. Judged here for everything but signatures, which are named.

import { type CertificateFault, certificateOwes, committeeOf } from "../../consensus/index.ts";
import type { SignatureCheck } from "../../crypto/index.ts";
import { equalBytes, err, type NetworkId, ok, type Result, zeroDigest } from "../../primitives/index.ts";
import {
  blockDigest,
  type CommitteeRecord,
  committeeCodec,
  epochRecordCodec,
  type Header,
  type Parameters,
  type Seal,
  voteKindOf,
} from "../../schema/index.ts";
import { blockTime } from "../network-time.ts";
import type { CertificateRefusal } from "./refusal.ts";

export interface SealRules {
  readonly networkId: NetworkId;
  readonly parameters: Parameters;
}

/** What is wrong with a header by itself: network, and the place that its height gives it. */
export function headerFault(header: Header, { networkId, parameters }: SealRules): CertificateRefusal | undefined {
  if (!equalBytes(header.networkId, networkId)) return "network-foreign";
  if (header.height < 1) return "header-chain";
  const time = blockTime(header.height, parameters);
  return header.epoch === time.epoch && header.term === time.term ? undefined : "header-chain";
}

/** Each header is its predecessor's child, all in one term. */
function chainFault(headers: readonly Header[], rules: SealRules): CertificateRefusal | undefined {
  for (const [index, header] of headers.entries()) {
    const fault = headerFault(header, rules);
    if (fault !== undefined) return fault;
    const before = headers[index - 1];
    if (before === undefined) continue;
    const follows = header.height === before.height + 1 && header.term === before.term;
    if (!follows || !equalBytes(header.parent, blockDigest(before))) return "header-chain";
  }
  return undefined;
}

const finalizationRefusals: Readonly<Partial<Record<CertificateFault, CertificateRefusal>>> = {
  term: "chain-gap",
  committee: "finalization-committee",
  quorum: "finalization-quorum",
};

/** The signatures that a seal owes to the keys of `committee`, or what is wrong with it. */
export function readSeal(
  seal: Seal,
  committee: CommitteeRecord,
  rules: SealRules,
): Result<readonly SignatureCheck[], CertificateRefusal> {
  const { record, headers, finalization } = seal;
  const first = headers[0];
  const last = headers.at(-1);
  if (first === undefined || last === undefined) return err("seal-headers");
  const fault = chainFault(headers, rules);
  if (fault !== undefined) return err(fault);
  if (first.term !== committee.term) return err("chain-gap");
  if (!blockTime(first.height, rules.parameters).lastOfEpoch || record.epoch + 1 !== first.epoch) {
    return err("record-epoch");
  }
  if (!equalBytes(epochRecordCodec.root(record), first.epochRecordRoot)) return err("record-root");
  if (voteKindOf(finalization.statement) !== "finalize") return err("finalization-kind");
  if (!equalBytes(finalization.statement.digest, blockDigest(last))) return err("finalization-digest");
  if (committee.seats.length === 0) return err("committee-empty");
  // Who leads does not matter here, so no beacon is needed.
  const seats = committeeOf(committee, committeeCodec.root(committee), zeroDigest);
  const owed = certificateOwes(seats, rules.networkId, finalization);
  return owed.ok ? ok(owed.value) : err(finalizationRefusals[owed.error] ?? "finalization-form");
}
