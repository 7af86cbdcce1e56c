// What the ledger's application is given and what it gives, above the Application port that consensus drives.
import type { Verifier } from "../../crypto/index.ts";
import type { LedgerState, RejectionReason } from "../../ledger/index.ts";
import type { Application, Store, StoreOperation } from "../../ports/index.ts";
import type { AccountId, Bytes, Digest, NetworkId, Result } from "../../primitives/index.ts";
import type { BlockFacts, EpochRecord, Genesis, Parameters } from "../../schema/index.ts";
import type { Adoption } from "./adopt-state.ts";
import type { Mempool, MempoolLimits, PooledTransaction, PoolRefusal } from "./mempool.ts";
import type { Queries } from "./queries.ts";

export interface ApplicationOptions {
  readonly genesis: Genesis;
  readonly store: Store;
  readonly verifier: Verifier;
  /** This operator's own reveals (section 3, Beacon); absent on a node that never proposes. */
  readonly beacon?: BeaconSecrets;
  readonly mempool?: Partial<MempoolLimits>;
  /** Keep every body, finalization and reward table (L-9). Default false. */
  readonly archive?: boolean;
  /** Lets the event loop go on in the middle of long work. Absent, as in simulated worlds: nothing else happens meanwhile. */
  readonly breathe?: () => Promise<void>;
}

export interface BeaconSecrets {
  /** Reveal number `index` of the chain of this generation (0: the first, then one more for each renewal). */
  reveal(generation: number, index: number): Digest | undefined;
}

/** What became final: told to listeners after each commit, in order. */
export interface CommittedBlock {
  readonly facts: BlockFacts;
  readonly epoch: number;
  readonly lastOfEpoch: boolean;
  /** After this block. */
  readonly state: LedgerState;
  /** Of the epoch before, when this block closed one. */
  readonly record: EpochRecord | undefined;
}

/** Where the next block would have to stop taking an account's waiting transactions. */
export interface Stop {
  readonly nonce: number;
  /** Undefined when nothing waits under that number. */
  readonly transaction: PooledTransaction | undefined;
  readonly refused: RejectionReason | undefined;
}

export type SubmitRefusal = RejectionReason | PoolRefusal | "malformed";

export interface LedgerApplication extends Application {
  readonly parameters: Parameters;
  readonly networkId: NetworkId;
  readonly queries: Queries;
  readonly mempool: Mempool;
  /** Verifies a signed transaction and keeps it for a block; its id, or why not. */
  submit(bytes: Bytes): Promise<Result<Digest, SubmitRefusal>>;
  /** Tries an account's waiting transactions in order. Undefined where it comes to one that is early, which may only wait. */
  stopOf(account: AccountId): Promise<Stop | undefined>;
  /** Ids of the keys that a state names and this node lacks. */
  missingKeys(state: LedgerState): readonly Digest[];
  /** Keeps public keys by their hashes: what names a key by its id asks for nothing more (L-6). */
  keepKeys(keys: readonly Bytes[]): Promise<void>;
  /** Begins from a proved state instead of the chain that is here; only before anything else is asked of the application. */
  adopt(adoption: Adoption, alongside: readonly StoreOperation[]): Promise<void>;
  /** Calls `listener` for every block that becomes final; the answer ends that. */
  onCommit(listener: (block: CommittedBlock) => void): () => void;
}
