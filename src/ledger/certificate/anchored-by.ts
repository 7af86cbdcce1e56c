// Where a chain of committees is anchored (section 6): in genesis' own first terms, or in a block that its reader pins, as long as
// that is younger than the trusting period; older keys of seats that are unbonded by now could have forged it. Pure: the
// reader says what time it believes in.
import { type Digest, equalBytes } from "../../primitives/index.ts";
import { committeeCodec, type Genesis, networkIdOf, type Parameters } from "../../schema/index.ts";
import { foundingCommittee } from "../genesis-state.ts";
import type { ChainReading } from "./committee-chain.ts";
import type { CertificateRefusal } from "./refusal.ts";

export interface AnchorTrust {
  /** The time that the reader believes in: whether an anchor is young enough depends on it alone. */
  readonly nowMs: number;
  /** The genesis of the network that is meant; chains of any other are refused. */
  readonly genesis?: Genesis | undefined;
  /** The digest of a term's last block that the reader got from someone it trusts. */
  readonly checkpoint?: Digest | undefined;
}

/**
 * Why a chain whose every step holds is not anchored: nobody trusted vouches for its first committee.
 * `checkpoint-none`: none was pinned; `checkpoint-absent`: the pinned block is not in this chain;
 * `checkpoint-old`: it is older than the trusting period; `genesis-old`: the chain begins at genesis, which is.
 */
export type UnanchoredReason = "checkpoint-none" | "checkpoint-absent" | "checkpoint-old" | "genesis-old";

export const trustingMs = ({ trustingEpochs, epochBlocks, blockIntervalMs }: Parameters): number =>
  trustingEpochs * epochBlocks * blockIntervalMs;

/** Hand-overs that a chain within the trusting period can have: every second term, and one more at each end. */
export const handOversMax = (p: Parameters): number => Math.ceil(p.trustingEpochs / p.termEpochs / 2) + 2;

/** A genesis of another network, or a first committee that is not this genesis' own. */
export function genesisFault(reading: ChainReading, genesis: Genesis | undefined): CertificateRefusal | undefined {
  if (genesis === undefined) return undefined;
  if (!equalBytes(networkIdOf(genesis), reading.networkId)) return "network-foreign";
  if (reading.first.anchored || reading.first.term > 1) return undefined;
  const own = foundingCommittee(genesis, reading.parameters, reading.first.term);
  return equalBytes(committeeCodec.root(own), reading.first.root) ? undefined : "committee-root";
}

/** What anchors a chain that `genesisFault` has nothing against, or why nothing does. */
export function anchoredBy(
  reading: ChainReading,
  { genesis, checkpoint, nowMs }: AnchorTrust,
): { readonly anchor: "genesis" | "checkpoint" } | { readonly reason: UnanchoredReason } {
  const sinceMs = nowMs - trustingMs(reading.parameters);
  const pinned =
    checkpoint === undefined ? undefined : reading.points.find(({ digest }) => equalBytes(digest, checkpoint));
  if (pinned !== undefined && pinned.timestampMs >= sinceMs) return { anchor: "checkpoint" };
  const founded = genesis !== undefined && !reading.first.anchored && reading.first.term <= 1;
  if (founded && (reading.term <= 1 || genesis.timestampMs >= sinceMs)) return { anchor: "genesis" };
  if (pinned !== undefined) return { reason: "checkpoint-old" };
  if (checkpoint !== undefined) return { reason: "checkpoint-absent" };
  return { reason: founded ? "genesis-old" : "checkpoint-none" };
}
