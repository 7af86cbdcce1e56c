// Reads a reward certificate (section 6) from its first committee down to the reward: every hash, height and figure is
// computed again, and the signatures that its seals owe are named. Pure and total: `client` verifies what is owed and says
// where the chain is anchored. Hand-overs skip a term: a committee names the one after next (S-10).
import type { SignatureCheck } from "../../crypto/index.ts";
import { type Digest, equalBytes, err, type NetworkId, ok, type Result } from "../../primitives/index.ts";
import { wrongStep } from "../../rewards/index.ts";
import {
  type Anchor,
  blockDigest,
  type CommitteeRecord,
  committeeCodec,
  explanationCodec,
  type Header,
  isBranch,
  lengthNode,
  networkOfProof,
  numberKey,
  type Parameters,
  type RewardCertificate,
  readParameters,
  receiptCodec,
  rewardLeafCodec,
  tables,
} from "../../schema/index.ts";
import { entryEvidence } from "../entry-evidence.ts";
import { blockTime } from "../network-time.ts";
import { provedRecord } from "../state-proof.ts";
import { headerFault, readSeal, type SealRules } from "./read-seal.ts";
import type { CertificateRefusal } from "./refusal.ts";

/** A block of the chain that whoever checks may have pinned: the last of a term, or the one that closes the epoch. */
export interface ChainPoint {
  readonly digest: Digest;
  readonly height: number;
  readonly epoch: number;
  readonly timestampMs: number;
}

export interface CertificateReading {
  readonly networkId: NetworkId;
  /** As genesis gave them: what never changes (blocks in an epoch, epochs in a term) and the trusting period. */
  readonly parameters: Parameters;
  /** The first committee; genesis' own when its term is 0 or 1 and there is no anchor. */
  readonly first: { readonly term: number; readonly root: Digest; readonly anchored: boolean };
  readonly points: readonly ChainPoint[];
  /** Term of the committee that finalized the reward. */
  readonly term: number;
  readonly checks: readonly SignatureCheck[];
}

type Read<T> = Result<T, CertificateRefusal>;

const pointOf = (header: Header): ChainPoint => ({
  digest: blockDigest(header),
  height: header.height,
  epoch: header.epoch,
  timestampMs: header.timestampMs,
});

/** The block that an anchor is, with the committee in its state; or what is wrong. */
function readAnchor(anchor: Anchor, committee: CommitteeRecord, rules: SealRules): Read<ChainPoint> {
  const { header, proof } = anchor;
  const fault = headerFault(header, rules);
  if (fault !== undefined) return err(fault);
  const ahead = committee.term - header.term;
  if (!blockTime(header.height, rules.parameters).lastOfTerm || (ahead !== 1 && ahead !== 2)) return err("anchor-form");
  if (anchor.committee.term !== committee.term) return err("anchor-form");
  const at = { space: tables.committees.space, key: numberKey(committee.term) };
  const shown = provedRecord(proof, at, header.stateRoot);
  const root = tables.committees.codec.root(anchor.committee);
  if (shown?.kind !== "present" || !equalBytes(shown.recordRoot, root)) return err("anchor-proof");
  if (!equalBytes(anchor.committee.root, committeeCodec.root(committee))) return err("committee-root");
  return ok(pointOf(header));
}

/** Follows the hand-overs from the first committee to the one that finalized the reward. */
function readChain(
  certificate: RewardCertificate,
  rules: SealRules,
): Read<Pick<CertificateReading, "points" | "checks" | "term">> {
  const points: ChainPoint[] = [];
  const checks: SignatureCheck[] = [];
  let { committee } = certificate;
  const [anchor] = certificate.anchor;
  if (anchor !== undefined) {
    const read = readAnchor(anchor, committee, rules);
    if (!read.ok) return read;
    points.push(read.value);
  } else if (committee.term > 1) return err("chain-start");
  for (const { seal, committee: next } of certificate.handOvers) {
    const owed = readSeal(seal, committee, rules);
    if (!owed.ok) return owed;
    const closing = seal.headers[0] as Header;
    if (!blockTime(closing.height, rules.parameters).lastOfTerm || next.term !== committee.term + 2)
      return err("hand-over-term");
    if (!equalBytes(seal.record.committeeRoot, committeeCodec.root(next))) return err("committee-root");
    points.push(pointOf(closing));
    checks.push(...owed.value);
    committee = next;
  }
  const owed = readSeal(certificate.seal, committee, rules);
  if (!owed.ok) return owed;
  points.push(pointOf(certificate.seal.headers[0] as Header));
  return ok({ points, checks: [...checks, ...owed.value], term: committee.term });
}

/** From the record to the leaf, its explanation, and the audit results and receipts behind it. */
function rewardFault(certificate: RewardCertificate): CertificateRefusal | undefined {
  const { leaf, index, siblings, explanation, entries, receipts } = certificate;
  const { record } = certificate.seal;
  const inTable =
    index < record.rewardsCount &&
    siblings.length === 23 &&
    equalBytes(siblings[22] as Digest, lengthNode(record.rewardsCount)) &&
    isBranch(rewardLeafCodec.root(leaf), siblings, index, record.rewardsRoot);
  if (!inTable) return "leaf-branch";
  if (!equalBytes(explanationCodec.root(explanation), leaf.explanationRoot)) return "explanation-root";
  const shown = [
    ...entries.map(({ auditor, entry }) => entryEvidence(auditor, entry)),
    ...receipts.map((receipt) => receiptCodec.root(receipt)),
  ];
  const same = shown.length === explanation.evidence.length;
  if (!same || !shown.every((one, at) => equalBytes(one, explanation.evidence[at] as Digest))) return "evidence";
  const ofAsset =
    entries.every(({ entry }) => equalBytes(entry.assetId, leaf.assetId)) &&
    receipts.every((receipt) => equalBytes(receipt.assetId, leaf.assetId) && receipt.epoch === record.epoch);
  if (!ofAsset) return "evidence";
  const delivered = receipts.reduce((sum, receipt) => sum + receipt.units, 0n);
  if (explanation.delivered > delivered) return "arithmetic";
  const given = { epoch: record.epoch, leaf, explanation, entries: entries.map(({ entry }) => entry) };
  return wrongStep(given) === undefined ? undefined : "arithmetic";
}

/** What a certificate says and which signatures it owes; or the first thing that is wrong with it. */
export function readRewardCertificate(certificate: RewardCertificate): Read<CertificateReading> {
  const networkId = networkOfProof(certificate.genesis);
  if (networkId === undefined) return err("parameters-proof");
  const parameters = readParameters(certificate.genesis.parameters);
  if (!parameters.ok) return err("parameters-proof");
  const chain = readChain(certificate, { networkId, parameters: parameters.value });
  if (!chain.ok) return chain;
  const fault = rewardFault(certificate);
  if (fault !== undefined) return err(fault);
  const { term } = certificate.committee;
  const root = committeeCodec.root(certificate.committee);
  const first = { term, root, anchored: certificate.anchor.length > 0 };
  return ok({ networkId, parameters: parameters.value, first, ...chain.value });
}
