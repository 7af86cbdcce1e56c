// Says whether a reward certificate proves its reward (section 6), with nothing but the file, a Verifier, and what the caller
// trusts: the genesis of its network, a pinned checkpoint, and its own idea of the time. Runs in browsers and offline alike.
// Never reads a clock and never asks a network.
import type { SignatureCheck, Verifier } from "../crypto/index.ts";
import {
  type AnchorTrust,
  anchoredBy,
  type CertificateRefusal,
  type ChainReading,
  genesisFault,
  readRewardCertificate,
  type UnanchoredReason,
} from "../ledger/index.ts";
import type { AccountId, AssetId, Bytes, Digest, Grains, NetworkId } from "../primitives/index.ts";
import { decodeRewardCertificate, type Explanation, type RewardCertificate } from "../schema/index.ts";

export type { UnanchoredReason };

export interface CertificateTrust extends AnchorTrust {
  /** Native or portable: both decide alike (I-5). */
  readonly verifier: Verifier;
}

export interface CertifiedReward {
  readonly networkId: NetworkId;
  readonly epoch: number;
  readonly assetId: AssetId;
  readonly owner: AccountId;
  readonly beneficiary: AccountId;
  readonly reward: Grains;
  readonly coverage: Grains;
  readonly explanation: Explanation;
  /** Whose committee finalized it, and how many signatures were verified on the way. */
  readonly term: number;
  readonly signatures: number;
  /** Digests of the blocks that a checkpoint could pin. */
  readonly points: readonly Digest[];
}

export type CertificateVerdict =
  | { readonly outcome: "valid"; readonly anchor: "genesis" | "checkpoint"; readonly reward: CertifiedReward }
  | { readonly outcome: "unanchored"; readonly reason: UnanchoredReason; readonly reward: CertifiedReward }
  | { readonly outcome: "refused"; readonly reason: CertificateRefusal };

/** Signatures handed to the verifier at a time. */
const checksAtOnce = 64;

async function allRight(verifier: Verifier, checks: readonly SignatureCheck[]): Promise<boolean> {
  for (let at = 0; at < checks.length; at += checksAtOnce) {
    const some = checks.slice(at, at + checksAtOnce);
    const right = await Promise.all(some.map((check) => verifier.verify(check)));
    if (!right.every(Boolean)) return false;
  }
  return true;
}

const rewardOf = (reading: ChainReading, { leaf, seal, explanation }: RewardCertificate): CertifiedReward => ({
  networkId: reading.networkId,
  epoch: seal.record.epoch,
  assetId: leaf.assetId,
  owner: leaf.owner,
  beneficiary: leaf.beneficiary,
  reward: leaf.reward,
  coverage: leaf.coverage,
  explanation,
  term: reading.term,
  signatures: reading.checks.length,
  points: reading.points.map(({ digest }) => digest),
});

/** Judges a certificate's file. Never throws for what the bytes hold; rejects only when the verifier does. */
export async function verifyRewardCertificate(file: Bytes, trust: CertificateTrust): Promise<CertificateVerdict> {
  const decoded = decodeRewardCertificate(file);
  if (!decoded.ok) return { outcome: "refused", reason: decoded.error };
  const read = readRewardCertificate(decoded.value);
  if (!read.ok) return { outcome: "refused", reason: read.error };
  const foreign = genesisFault(read.value, trust.genesis);
  if (foreign !== undefined) return { outcome: "refused", reason: foreign };
  if (!(await allRight(trust.verifier, read.value.checks))) return { outcome: "refused", reason: "signature-wrong" };
  const reward = rewardOf(read.value, decoded.value);
  const anchored = anchoredBy(read.value, trust);
  if ("anchor" in anchored) return { outcome: "valid", anchor: anchored.anchor, reward };
  return { outcome: "unanchored", reason: anchored.reason, reward };
}
