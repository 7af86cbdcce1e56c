// What RPC may ask of a node: answers only, already in the node's own types. The composition root implements it.
import type { AccountId, AssetId, AssetKind, Bytes, Cell, Digest, Grains } from "../primitives/index.ts";
import type {
  Asset,
  Capacity,
  Certificate,
  EpochRecord,
  Explanation,
  Header,
  Parameters,
  ProofOfService,
  ReportEntry,
  RewardLeaf,
  TranscriptRequest,
} from "../schema/index.ts";
import type { SubscriptionTopic } from "./shapes.ts";

export interface NodeStatus {
  readonly version: string;
  readonly networkId: Bytes;
  readonly networkName: string;
  readonly account: AccountId;
  readonly height: number;
  readonly digest: Digest;
  readonly epoch: number;
  readonly term: number;
  readonly view: number;
  readonly seat: number | undefined;
  readonly timestampMs: number;
  /** Joining by state, or executing blocks that are final already. */
  readonly syncing: boolean;
  /** How far a join by state is, while one is under way. */
  readonly joining: { readonly step: string; readonly height: number | undefined; readonly bytes: number } | undefined;
  /** Why this node's seat does not vote, if so. */
  readonly observing: string | undefined;
  /** The last term's end, which others may pin when they trust this node. */
  readonly checkpoint:
    | { readonly term: number; readonly height: number; readonly digest: Digest; readonly timestampMs: number }
    | undefined;
  /** The lowest height whose block is kept (L-9). */
  readonly blocksFrom: number;
  readonly peers: number;
  readonly verifier: string;
  readonly uptimeMs: number;
  readonly audits: { readonly passed: number; readonly failed: number };
  /** What this node is configured to offer, and how far each has come. */
  readonly offers: readonly {
    readonly id: AssetId;
    readonly kind: AssetKind;
    readonly units: bigint;
    readonly state: "new" | "preparing" | "prepared" | "registered";
    readonly preparedPpm: number;
  }[];
  /** Alerts that are raised now. */
  readonly alerts: number;
}

/** Something that needs the operator before it costs him (product.md: no penalty without warning). */
export interface Alert {
  readonly code: string;
  readonly severity: "warning" | "critical";
  readonly message: string;
  readonly sinceHeight: number;
  /** False: it is over. */
  readonly raised: boolean;
}

export interface PeerView {
  readonly peer: string;
  readonly account: AccountId | undefined;
  readonly addresses: readonly string[];
  readonly direction: "inbound" | "outbound";
  readonly bytes: { readonly received: number; readonly sent: number };
  readonly score: number;
}

export interface AccountView {
  readonly account: AccountId;
  readonly balance: Grains;
  readonly nonce: number;
  /** The lowest that no waiting transaction has. */
  readonly nextNonce: number;
  readonly keyKnown: boolean;
  readonly operator:
    | { readonly bond: Grains; readonly scorePpm: number; readonly withdrawal: AccountId; readonly assets: number }
    | undefined;
}

export interface BlockView {
  readonly header: Header;
  readonly digest: Digest;
  readonly transactions: readonly { readonly id: Digest; readonly kind: string; readonly sender: AccountId }[];
}

export interface TransactionView {
  readonly id: Digest;
  readonly status: "waiting" | "final";
  readonly height: number | undefined;
  readonly kind: string | undefined;
  readonly sender: AccountId | undefined;
  readonly nonce: number | undefined;
}

export interface AuditView {
  readonly assetId: AssetId;
  readonly auditors: readonly {
    readonly auditor: AccountId;
    readonly entry: Omit<ReportEntry, "assetId" | "transcriptsRoot"> | undefined;
  }[];
}

/** Something that subscribers are told of, with the height at which it became so. */
export interface NodeEvent {
  readonly topic: SubscriptionTopic;
  readonly height: number;
  readonly item: unknown;
  /** Whose it is, where that is asked for. */
  readonly owner?: AccountId | undefined;
}

/** What this node stores with others; files are names within its folder `transfer`. */
export interface BlobActions {
  /** Stores the file's content and answers its id. */
  put(asset: AssetId, file: string): Promise<Digest>;
  /** Writes a part of a blob, checked, to the file; how many bytes. */
  get(
    asset: AssetId,
    blob: Digest,
    to: { readonly file: string; readonly at: number; readonly length: number },
  ): Promise<number>;
  remove(asset: AssetId, blob: Digest): Promise<void>;
  list(): Promise<
    readonly {
      readonly assetId: AssetId;
      readonly provider: AccountId;
      readonly blobId: Digest;
      readonly length: number;
      readonly epoch: number;
    }[]
  >;
}

export interface SeatView {
  readonly seat: number;
  readonly account: AccountId;
}

export interface FoundAsset {
  readonly asset: Asset;
  readonly provider: AccountId;
  /** Multiaddrs under which the provider says that it is reached. */
  readonly addresses: readonly string[];
}

export interface NodeView {
  status(): NodeStatus;
  peers(): readonly PeerView[];
  addresses(): readonly string[];
  block(height: number): BlockView | undefined;
  certificate(height: number): Certificate | undefined;
  committee(term: number): readonly SeatView[] | undefined;
  parameters(): Parameters;
  account(id: AccountId): AccountView | undefined;
  asset(id: AssetId): Asset | undefined;
  /** Assets with an id above `after`, ascending, at most `limit`. */
  assets(after: AssetId | undefined, limit: number): readonly Asset[];
  /** Advertisements that have not expired, in no order. */
  capacities(): Iterable<Capacity>;
  /** The newest proof of service heard of each asset, in no order. */
  proofs(): Iterable<ProofOfService>;
  readonly blobs: BlobActions;
  /** Assets within a cell whose providers are found and answer for them, nearest first, at most `limit`; bounded in time. */
  findAssets(query: { readonly kind: AssetKind; readonly cell: Cell }, limit: number): Promise<readonly FoundAsset[]>;
  /** By asset id above `after`, at most `limit`. */
  audits(epoch: number, after: AssetId | undefined, limit: number): readonly AuditView[];
  /** What proves a reported pass, checked against the ledger's entry; undefined when nobody gives it any more, or yet. */
  transcript(request: TranscriptRequest): Promise<Bytes | undefined>;
  transaction(id: Digest): TransactionView | undefined;
  alerts(): readonly Alert[];
  epochRecord(epoch: number): EpochRecord | undefined;
  /** Settled epochs from one on, ascending, at most `limit`. */
  epochRecords(fromEpoch: number, limit: number): readonly EpochRecord[];
  /** By asset id above `after`, at most `limit`; undefined when the epoch is not settled. */
  rewards(epoch: number, after: AssetId | undefined, limit: number): Promise<readonly RewardLeaf[] | undefined>;
  explanation(epoch: number, asset: AssetId): Explanation | undefined;
  /**
   * The file that proves a reward, beginning at genesis, at a pinned term's end, or near. Rejects with FairmeshError
   * `CERTIFICATE_MISSING` and the reason.
   */
  rewardCertificate(epoch: number, asset: AssetId, start: "near" | "genesis" | Digest): Promise<Bytes>;
  /** Verifies and queues a signed transaction; its id. Rejects with FairmeshError `TRANSACTION_REJECTED`. */
  submit(bytes: Bytes): Promise<Digest>;
  /** Tells of everything from now on; the answer ends it. */
  onEvent(listener: (event: NodeEvent) => void): () => void;
  /** What a topic's events at or above `fromHeight` were, in order. Throws FairmeshError `TOO_FAR_BEHIND`. */
  pastEvents(topic: SubscriptionTopic, fromHeight: number): AsyncIterable<NodeEvent>;
}
