// What a whole node is made of: the ports of its world, and its own parts and settings.
import type { HashChain, Verifier } from "../../crypto/index.ts";
import type { Clock, Discovery, Log, Metrics, Random, Signer, Store, Transport, VoteGuard } from "../../ports/index.ts";
import type { AccountId, Digest } from "../../primitives/index.ts";
import type { Genesis } from "../../schema/index.ts";
import type { Service } from "../../services/index.ts";
import type { LedgerApplication } from "../application/index.ts";
import type { Observed } from "../driver/index.ts";
import type { Offer } from "../duties/index.ts";
import type { BlobRoom } from "../services/index.ts";

export interface WholePorts {
  readonly store: Store;
  readonly guard: VoteGuard;
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly signer: Signer;
  readonly verifier: Verifier;
}

/** The operator's hash chains by generation: of beacon reveals, and of auditor secrets (section 3; P-2). */
export interface OperatorChains {
  readonly beacon: (generation: number) => HashChain;
  readonly auditor: (generation: number) => HashChain;
  readonly length: number;
}

export interface WholeParts {
  readonly application: LedgerApplication;
  readonly chains: OperatorChains;
  readonly service: (kind: string) => Service | undefined;
  readonly offers: readonly Offer[];
  /** Absent: this node holds nothing for tenants. */
  readonly room?: BlobRoom;
  /** Where this node is reached. */
  readonly addresses: () => readonly string[];
  readonly voting: boolean;
  readonly observed: Observed;
  /** How to begin when far behind; absent: by blocks. */
  readonly join?: JoinSetting;
}

export interface JoinSetting {
  readonly genesis: Genesis;
  /** The last block of a term that the operator pins. */
  readonly checkpoint: Digest | undefined;
  readonly onLie: (from: AccountId, detail: string) => void;
  readonly onSlow: (from: AccountId) => void;
}
