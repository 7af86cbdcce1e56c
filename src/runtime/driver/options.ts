// What a driver is given and what it gives. Everything it needs of the world comes in here; it starts nothing by itself.

import type { Timing } from "../../consensus/index.ts";
import type { Verifier } from "../../crypto/index.ts";
import type {
  Application,
  BlockFacts,
  Clock,
  Log,
  Metrics,
  Random,
  Signer,
  Store,
  Transport,
  VoteGuard,
} from "../../ports/index.ts";
import type { AccountId, Digest, NetworkId } from "../../primitives/index.ts";
import type { Certificate, Evidence } from "../../schema/index.ts";

/** Told after the fact, one at a time and in order; what they throw is logged and changes nothing. */
export interface Observed {
  /** `chain` became final, oldest first; `facts` are of its last block. */
  readonly onCommit?: (commit: {
    readonly chain: readonly Digest[];
    readonly facts: BlockFacts;
    readonly finalization: Certificate;
  }) => void;
  /** A fault that costs a bond (S-13): to be put into a transaction. */
  readonly onEvidence?: (evidence: Evidence, offender: AccountId) => void;
  /** A peer sent what no correct peer sends. For scores; `code` comes from a small fixed set. */
  readonly onPeerFault?: (peer: AccountId, code: string) => void;
  /** The driver stopped for good: an invariant, the disk or the guard failed. */
  readonly onFailure?: (error: unknown) => void;
}

export interface DriverOptions extends Observed {
  readonly application: Application;
  readonly store: Store;
  readonly guard: VoteGuard;
  readonly signer: Signer;
  readonly verifier: Verifier;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly networkId: NetworkId;
  readonly timing: Timing;
  /** False: never vote, whatever seat the key has. Default true. */
  readonly voting?: boolean;
  /** Terms whose guard segments are kept behind the current one (L-9): as long as they can be slashed. Default 1024. */
  readonly guardTermsKept?: number;
}

export interface DriverStatus {
  readonly phase: "new" | "running" | "stopped" | "failed";
  readonly term: number;
  readonly view: number;
  readonly seat: number | undefined;
  readonly height: number;
  readonly digest: Digest;
  readonly timestampMs: number;
  /** Why this seat does not vote; undefined when it does, or has none. */
  readonly observing: string | undefined;
  /** A Finalization is held whose block is not here yet (S-11). */
  readonly syncing: boolean;
  readonly deltaMs: number;
  readonly queued: number;
  /** The first height that a peer keeps which had let go of a block that this node asked for (L-9). */
  readonly peersKeepFrom: number | undefined;
}

export interface Driver {
  /** Recovers (S-14), registers with the transport and takes part. Rejects when what is stored contradicts itself. */
  start(): Promise<void>;
  /** Takes no more input and waits for what is under way. Ports stay open. */
  stop(): Promise<void>;
  status(): DriverStatus;
  /** The Finalization of a term's last block, while it is kept (L-9). */
  termEnd(term: number): Certificate | undefined;
}
