// What RPC may ask of a node: answers only, already in the node's own types. The composition root implements it.
import type { AccountId, AssetId, Bytes, Digest, Grains } from "../primitives/index.ts";
import type {
  Asset,
  Capacity,
  Certificate,
  EpochRecord,
  Explanation,
  Header,
  Parameters,
  RewardLeaf,
} from "../schema/index.ts";

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
  readonly syncing: boolean;
  /** Why this node's seat does not vote, if so. */
  readonly observing: string | undefined;
  readonly peers: number;
  readonly verifier: string;
  readonly uptimeMs: number;
  readonly audits: { readonly passed: number; readonly failed: number };
}

export interface PeerView {
  readonly peer: string;
  readonly account: AccountId | undefined;
  readonly addresses: readonly string[];
  readonly direction: "inbound" | "outbound";
}

export interface AccountView {
  readonly account: AccountId;
  readonly balance: Grains;
  readonly nonce: number;
  readonly operator:
    | { readonly bond: Grains; readonly scorePpm: number; readonly withdrawal: AccountId; readonly assets: number }
    | undefined;
}

export interface BlockView {
  readonly header: Header;
  readonly digest: Digest;
  readonly transactions: readonly { readonly id: Digest; readonly kind: string; readonly sender: AccountId }[];
}

export interface SeatView {
  readonly seat: number;
  readonly account: AccountId;
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
  /** Advertisements that have not expired, by asset id. */
  capacities(): readonly Capacity[];
  epochRecord(epoch: number): EpochRecord | undefined;
  rewards(epoch: number): Promise<readonly RewardLeaf[] | undefined>;
  explanation(epoch: number, asset: AssetId): Explanation | undefined;
  /**
   * The file that proves a reward, beginning at genesis, at a pinned term's end, or near. Rejects with FairmeshError
   * `CERTIFICATE_MISSING` and the reason.
   */
  rewardCertificate(epoch: number, asset: AssetId, start: "near" | "genesis" | Digest): Promise<Bytes>;
  /** Verifies and queues a signed transaction; its id. Rejects with FairmeshError `TRANSACTION_REJECTED`. */
  submit(bytes: Bytes): Promise<Digest>;
}
