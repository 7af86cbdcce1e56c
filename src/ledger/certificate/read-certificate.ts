// Reads a reward certificate (section 6) from its first committee down to the reward: every hash, height and figure is
// computed again, and the signatures that its seals owe are named. Pure and total: `client` verifies what is owed and says
// where the chain is anchored.
import { type Digest, equalBytes, err, ok, type Result } from "../../primitives/index.ts";
import { wrongStep } from "../../rewards/index.ts";
import {
  explanationCodec,
  isBranch,
  lengthNode,
  networkOfProof,
  type RewardCertificate,
  readParameters,
  receiptCodec,
  rewardLeafCodec,
} from "../../schema/index.ts";
import { entryEvidence } from "../entry-evidence.ts";
import { type ChainReading, readCommitteeChain } from "./committee-chain.ts";
import type { CertificateRefusal } from "./refusal.ts";

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
export function readRewardCertificate(certificate: RewardCertificate): Result<ChainReading, CertificateRefusal> {
  const networkId = networkOfProof(certificate.genesis);
  if (networkId === undefined) return err("parameters-proof");
  const parameters = readParameters(certificate.genesis.parameters);
  if (!parameters.ok) return err("parameters-proof");
  const chain = readCommitteeChain(certificate, { networkId, parameters: parameters.value });
  if (!chain.ok) return chain;
  const fault = rewardFault(certificate);
  return fault === undefined ? ok(chain.value) : err(fault);
}
