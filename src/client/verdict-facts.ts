// The verdict on a reward certificate as lines for people: the same words on the command line and on the dashboard. Pure.
import { formatAddress, formatFair, toHex } from "../primitives/index.ts";
import type { CertificateVerdict, CertifiedReward } from "./verify-reward-certificate.ts";

const notWhole = "this is not a whole reward certificate: it was cut short or changed, or is something else";
const refusals: Readonly<Record<string, string>> = {
  "format-unknown": notWhole,
  checksum: notWhole,
  malformed: notWhole,
  "network-foreign": "this certificate is of another network than the genesis file",
  "signature-wrong": "a signature in this certificate is wrong: nobody who may have signed this",
};

/** Why a certificate is refused. */
export const refusalText = (reason: string): string => refusals[reason] ?? "this certificate contradicts itself";

/** "valid: …", "consistent, unanchored (…)" or "refused: …". */
export function verdictHead(verdict: CertificateVerdict): string {
  if (verdict.outcome === "refused") return `refused: ${verdict.reason}`;
  if (verdict.outcome === "unanchored") return `consistent, unanchored (${verdict.reason})`;
  return `valid: anchored in ${verdict.anchor === "genesis" ? "genesis" : "the pinned checkpoint"}`;
}

/** What a certificate that is not refused says. */
export const certifiedFacts = (reward: CertifiedReward): readonly (readonly [name: string, value: string])[] => [
  ["Reward", `${formatFair(reward.reward)} for epoch ${reward.epoch}`],
  ["Asset", `0x${toHex(reward.assetId)}`],
  ["Owner", formatAddress(reward.owner)],
  ["Paid to", formatAddress(reward.beneficiary)],
  ["Network", `0x${toHex(reward.networkId)}`],
  ["Finalized", `by the committee of term ${reward.term}; ${reward.signatures} signatures verified`],
];
