// The node's methods as types: what each takes and answers, in its wire form (amounts and 64-bit quantities as decimal
// strings, bytes as 0x-hex, accounts as addresses). A test holds them to the schemas that the node validates with.
export type Hex = string;
export type Address = string;
/** A 64-bit quantity as decimal digits; money in grains. */
export type Amount = string;

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
interface Paging {
  readonly limit?: number;
  readonly cursor?: string;
}

export interface NodeStatus {
  readonly version: string;
  readonly networkId: Hex;
  readonly networkName: string;
  readonly account: Address;
  readonly height: number;
  readonly digest: Hex;
  readonly epoch: number;
  readonly term: number;
  readonly view: number;
  readonly seat?: number | undefined;
  readonly syncing: boolean;
  readonly joining?:
    | {
        readonly step: "searching" | "state" | "keys" | "postings" | "adopting";
        readonly height?: number | undefined;
        readonly bytes: number;
      }
    | undefined;
  readonly observing?: string | undefined;
  readonly checkpoint?:
    | { readonly term: number; readonly height: number; readonly digest: Hex; readonly time: string }
    | undefined;
  readonly blocksFrom: number;
  readonly peers: number;
  readonly verifier: "native" | "portable" | "simulated";
  readonly uptimeMs: number;
  readonly audits: { readonly passed: number; readonly failed: number };
  readonly offers: readonly {
    readonly id: string;
    readonly kind: AssetKindName;
    readonly units: string;
    readonly state: "new" | "preparing" | "prepared" | "registered";
    readonly preparedPpm: number;
  }[];
  readonly alerts: number;
  readonly time: string;
}
export interface Peer {
  readonly peer: string;
  readonly account?: Address | undefined;
  readonly addresses: readonly string[];
  readonly direction: "inbound" | "outbound";
  readonly bytes: { readonly received: number; readonly sent: number };
  readonly score: number;
}
/** What a prover says that it served in an epoch (P-4). */
export interface ServiceProof {
  readonly assetId: Hex;
  readonly owner: Address;
  readonly epoch: number;
  readonly seq: number;
  readonly responsesRoot: Hex;
  readonly unitsServed: Amount;
  readonly receipts: readonly Hex[];
}
/** A blob that this node stores with another. */
export interface StoredBlob {
  readonly assetId: Hex;
  readonly provider: Address;
  readonly blobId: Hex;
  readonly length: number;
  readonly epoch: number;
}
export interface Alert {
  readonly code: string;
  readonly severity: "warning" | "critical";
  readonly message: string;
  readonly sinceHeight: number;
  readonly raised: boolean;
}
export interface Block {
  readonly header: {
    readonly version: number;
    readonly networkId: Hex;
    readonly height: number;
    readonly epoch: number;
    readonly term: number;
    readonly parent: Hex;
    readonly timestampMs: number;
    readonly proposer: number;
    readonly beaconReveal: Hex;
    readonly transactionsRoot: Hex;
    readonly witnessRoot: Hex;
    readonly stateRoot: Hex;
    readonly epochRecordRoot: Hex;
  };
  readonly digest: Hex;
  readonly transactions: readonly { readonly id: Hex; readonly kind: string; readonly sender: Address }[];
}
export interface BlockCertificate {
  readonly statement: {
    readonly term: number;
    readonly committeeRoot: Hex;
    readonly view: number;
    readonly kind: number;
    readonly digest: Hex;
  };
  readonly signers: Hex;
  readonly signatures: readonly Hex[];
}
export interface Account {
  readonly account: Address;
  readonly balance: Amount;
  readonly nonce: number;
  readonly nextNonce: number;
  readonly keyKnown: boolean;
  readonly operator?:
    | { readonly bond: Amount; readonly scorePpm: number; readonly withdrawal: Address; readonly assets: number }
    | undefined;
}
export interface TransactionStatus {
  readonly id: Hex;
  readonly status: "waiting" | "final";
  readonly height?: number | undefined;
  readonly kind?: string | undefined;
  readonly sender?: Address | undefined;
  readonly nonce?: number | undefined;
}
export interface Asset {
  readonly id: Hex;
  readonly owner: Address;
  readonly terms: {
    readonly kind: number;
    readonly units: Amount;
    readonly cell: Amount;
    readonly dataCommitment: Hex;
    readonly interfaceHash: Hex;
    readonly interfacePointer: Hex;
    readonly attributes: readonly { readonly key: Hex; readonly value: Hex }[];
    readonly energy: {
      readonly source: number;
      readonly renewablePpm: number;
      readonly evidenceTier: number;
      readonly evidenceHash: Hex;
    };
  };
  readonly bond: Amount;
  readonly registeredEpoch: number;
  readonly status: number;
}
export interface Capacity {
  readonly owner: Address;
  readonly assetId: Hex;
  readonly seq: number;
  readonly epoch: number;
  readonly freeUnits: Amount;
  readonly pricePerUnitEpoch: Amount;
  readonly expiresEpoch: number;
  readonly addressesDigest: Hex;
}
export interface Audit {
  readonly assetId: Hex;
  readonly auditors: readonly {
    readonly auditor: Address;
    readonly entry?:
      | {
          readonly passed: number;
          readonly attempted: number;
          readonly measured: Amount;
          readonly latencyMs: number;
          readonly direct: boolean;
        }
      | undefined;
  }[];
}
export interface Concentration {
  readonly giniPpm: number;
  readonly herfindahlPpm: number;
  readonly nakamotoThird: number;
  readonly nakamotoHalf: number;
  readonly topSharePpm: number;
}
export interface EpochConcentration {
  readonly epoch: number;
  readonly rewardsByOperator: Concentration;
  readonly rewardsByGroup: Concentration;
  readonly bondsByOperator: Concentration;
  readonly bondsByGroup: Concentration;
}
export interface EpochRecord {
  readonly epoch: number;
  readonly emission: Amount;
  readonly kinds: readonly {
    readonly kind: number;
    readonly budget: Amount;
    readonly paid: Amount;
    readonly coveragePaid: Amount;
    readonly reserve: Amount;
  }[];
  readonly auditPay: Amount;
  readonly committeePay: Amount;
  readonly treasury: Amount;
  readonly rewardsRoot: Hex;
  readonly rewardsCount: number;
  readonly postingsRoot: Hex;
  readonly postingsCount: number;
  readonly concentration: readonly Concentration[];
  readonly beacon: Hex;
  readonly committeeRoot: Hex;
}
export interface Reward {
  readonly assetId: Hex;
  readonly owner: Address;
  readonly beneficiary: Address;
  readonly cappedWeight: Amount;
  readonly coverage: Amount;
  readonly reward: Amount;
  readonly explanationRoot: Hex;
}
export interface RewardExplanation {
  readonly kind: number;
  readonly cell: Amount;
  readonly prefix: Hex;
  readonly assigned: number;
  /** Its outcome before this epoch (P-5). */
  readonly last: {
    readonly measured: Amount;
    readonly passPpm: number;
    readonly measuredEpochs: number;
    readonly held: boolean;
  };
  readonly units: Amount;
  readonly measured: Amount;
  readonly delivered: Amount;
  readonly passPpm: number;
  readonly standbyPpm: number;
  readonly bonusPpm: number;
  readonly work: Amount;
  readonly bondLimit: Amount;
  readonly weight: Amount;
  readonly groups: readonly {
    readonly group: number;
    readonly key: Hex;
    readonly weight: Amount;
    readonly cap: Amount;
    readonly scale: Amount;
  }[];
  readonly boundBy: number;
  readonly cappedWeight: Amount;
  readonly denominator: Amount;
  readonly budget: Amount;
  readonly coverageBudget: Amount;
  readonly evidence: readonly Hex[];
}
export type AssetKindName = "storage" | "bandwidth" | "compute" | "wireless" | "energy" | "sensor";

interface Call<P, R> {
  readonly params: P;
  readonly result: R;
}
type Nothing = Readonly<Record<string, never>>;

export interface Methods {
  node_status: Call<Nothing, NodeStatus>;
  node_peers: Call<Nothing, readonly Peer[]>;
  node_identity: Call<Nothing, { readonly account: Address; readonly addresses: readonly string[] }>;
  node_alerts: Call<Nothing, readonly Alert[]>;
  chain_getHead: Call<Nothing, Block>;
  chain_getBlock: Call<{ readonly height: number }, Block>;
  chain_getCertificate: Call<{ readonly height: number }, BlockCertificate>;
  chain_getCommittee: Call<{ readonly term: number }, readonly { readonly seat: number; readonly account: Address }[]>;
  params_get: Call<Nothing, Readonly<Record<string, unknown>>>;
  account_get: Call<{ readonly account: Address }, Account>;
  tx_submit: Call<{ readonly transaction: Hex }, { readonly id: Hex }>;
  tx_get: Call<{ readonly id: Hex }, TransactionStatus>;
  asset_get: Call<{ readonly asset: Hex }, Asset>;
  asset_list: Call<Paging, Page<Asset>>;
  asset_find: Call<
    { readonly kind: AssetKindName; readonly cell: string; readonly limit?: number },
    Page<{ readonly asset: Asset; readonly provider: Address; readonly addresses: readonly string[] }>
  >;
  capacity_list: Call<Paging, Page<Capacity>>;
  capacity_find: Call<{ readonly kind: AssetKindName; readonly cell: string; readonly limit?: number }, Page<Capacity>>;
  audit_list: Call<{ readonly epoch: number } & Paging, Page<Audit>>;
  audit_getTranscript: Call<
    { readonly epoch: number; readonly asset: Hex; readonly auditor: Address; readonly position?: number },
    { readonly transcript?: Hex }
  >;
  proof_list: Call<Paging, Page<ServiceProof>>;
  blob_list: Call<Nothing, readonly StoredBlob[]>;
  blob_put: Call<{ readonly asset: Hex; readonly file: string }, { readonly blobId: Hex }>;
  blob_get: Call<
    {
      readonly asset: Hex;
      readonly blob: Hex;
      readonly file: string;
      readonly at?: number;
      readonly length?: number;
    },
    { readonly length: number }
  >;
  blob_remove: Call<{ readonly asset: Hex; readonly blob: Hex }, { readonly removed: boolean }>;
  reward_getEpoch: Call<{ readonly epoch: number }, EpochRecord>;
  reward_list: Call<{ readonly epoch: number } & Paging, Page<Reward>>;
  reward_explain: Call<{ readonly epoch: number; readonly asset: Hex }, RewardExplanation>;
  reward_getCertificate: Call<
    { readonly epoch: number; readonly asset: Hex; readonly from?: "near" | "genesis" | Hex },
    { readonly certificate: Hex }
  >;
  concentration_get: Call<{ readonly epoch: number }, EpochConcentration>;
  concentration_history: Call<{ readonly fromEpoch?: number; readonly limit?: number }, readonly EpochConcentration[]>;
  subscription_open: Call<
    { readonly topic: keyof Topics; readonly fromHeight?: number; readonly owner?: Address },
    { readonly subscription: string }
  >;
  subscription_close: Call<{ readonly subscription: string }, { readonly closed: boolean }>;
}
export type MethodName = keyof Methods;

/** What each topic's events hold. */
export interface Topics {
  heads: {
    readonly height: number;
    readonly epoch: number;
    readonly term: number;
    readonly parent: Hex;
    readonly proposer: number;
    readonly time: string;
    readonly transactions: number;
  };
  epochs: EpochRecord;
  rewards: Reward & { readonly epoch: number };
  capacity: Capacity;
  alerts: Alert;
}
