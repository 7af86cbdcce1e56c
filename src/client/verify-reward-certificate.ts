// Says whether a reward certificate proves its reward (section 6), with nothing but the file, a Verifier, and what the caller
// trusts: the genesis of its network, a pinned checkpoint, and its own idea of the time. Runs in browsers and offline alike.
// Never reads a clock and never asks a network.
import type { SignatureCheck, Verifier } from "../crypto/index.ts";
import {
  type CertificateReading,
  type CertificateRefusal,
  foundingCommittee,
  readRewardCertificate,
} from "../ledger/index.ts";
import {
  type AccountId,
  type AssetId,
  type Bytes,
  type Digest,
  equalBytes,
  type Grains,
  type NetworkId,
} from "../primitives/index.ts";
import {
  committeeCodec,
  decodeRewardCertificate,
  type Explanation,
  type Genesis,
  networkIdOf,
  type RewardCertificate,
} from "../schema/index.ts";

export interface CertificateTrust {
  /** Native or portable: both decide alike (I-5). */
  readonly verifier: Verifier;
  /** The time that the caller believes in: whether a checkpoint is young enough depends on it alone. */
  readonly nowMs: number;
  /** The genesis of the network that is meant; certificates of any other are refused. */
  readonly genesis?: Genesis | undefined;
  /** The digest of a term's last block that the caller got from someone it trusts. */
  readonly checkpoint?: Digest | undefined;
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

/**
 * Why a certificate whose every step holds is not *valid*: nobody trusted vouches for its first committee.
 * `checkpoint-none`: the caller pinned none; `checkpoint-absent`: the pinned block is not in this certificate;
 * `checkpoint-old`: it is older than the trusting period; `genesis-old`: the chain begins at genesis, which is.
 */
export type UnanchoredReason = "checkpoint-none" | "checkpoint-absent" | "checkpoint-old" | "genesis-old";

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

/** A genesis of another network, or a first committee that is not this genesis' own. */
function genesisFault(reading: CertificateReading, genesis: Genesis | undefined): CertificateRefusal | undefined {
  if (genesis === undefined) return undefined;
  if (!equalBytes(networkIdOf(genesis), reading.networkId)) return "network-foreign";
  if (reading.first.anchored) return undefined;
  const own = foundingCommittee(genesis, reading.parameters, reading.first.term);
  return equalBytes(committeeCodec.root(own), reading.first.root) ? undefined : "committee-root";
}

function anchorOf(
  reading: CertificateReading,
  { genesis, checkpoint, nowMs }: CertificateTrust,
): { readonly anchor: "genesis" | "checkpoint" } | { readonly reason: UnanchoredReason } {
  const { trustingEpochs, epochBlocks, blockIntervalMs } = reading.parameters;
  const trustingMs = trustingEpochs * epochBlocks * blockIntervalMs;
  const pinned =
    checkpoint === undefined ? undefined : reading.points.find(({ digest }) => equalBytes(digest, checkpoint));
  if (pinned !== undefined && pinned.timestampMs + trustingMs >= nowMs) return { anchor: "checkpoint" };
  const founded = genesis !== undefined && !reading.first.anchored;
  if (founded && (reading.term <= 1 || genesis.timestampMs + trustingMs >= nowMs)) return { anchor: "genesis" };
  if (pinned !== undefined) return { reason: "checkpoint-old" };
  if (checkpoint !== undefined) return { reason: "checkpoint-absent" };
  return { reason: founded ? "genesis-old" : "checkpoint-none" };
}

const rewardOf = (reading: CertificateReading, { leaf, seal, explanation }: RewardCertificate): CertifiedReward => ({
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
  const anchored = anchorOf(read.value, trust);
  if ("anchor" in anchored) return { outcome: "valid", anchor: anchored.anchor, reward };
  return { outcome: "unanchored", reason: anchored.reason, reward };
}
