// What the duties of an epoch need to know of the chain, all of it final, and the one way they act on it.
import type { AccountId, AssetId, AssetKind, Bytes, Cell, Digest, NetworkId } from "../../primitives/index.ts";
import type { AssetTerms, ChallengeWindow, Parameters, TransactionBody } from "../../schema/index.ts";

export interface DutyAsset {
  readonly id: AssetId;
  readonly owner: AccountId;
  readonly kind: AssetKind;
  readonly terms: AssetTerms;
  readonly cell: Cell;
  /** From which epoch on it is audited as it is registered now. */
  readonly activeFromEpoch: number;
}

export interface DutyHead {
  readonly height: number;
  readonly epoch: number;
  /** Blocks of the epoch before this one. */
  readonly offset: number;
}

/** How far an auditor's report of an epoch has come on the ledger. */
export type ReportStage = "none" | "committed" | "revealed";

/** A drawn pass of this node's report: which asset, and which of its passes. */
export interface OwedTranscript {
  readonly assetId: AssetId;
  readonly position: number;
}

export interface DutyView {
  readonly networkId: NetworkId;
  readonly parameters: Parameters;
  head(): DutyHead;
  /** Whether an operator is in the table from which an epoch's auditors are drawn (P-1). */
  isDrawn(epoch: number, operator: AccountId): boolean;
  /** Assets that `auditor` was drawn to audit in an epoch (P-1), as far as they are found: each call may find more. */
  assignments(epoch: number, auditor: AccountId): readonly AssetId[];
  /** Whether `auditor` was drawn to audit an asset in an epoch (P-1). */
  isAssigned(epoch: number, asset: AssetId, auditor: AccountId): boolean;
  asset(id: AssetId): DutyAsset | undefined;
  /** Windows opened so far in an epoch (P-2). */
  windows(epoch: number): readonly ChallengeWindow[];
  /** The secret that makes this node's nonces of an epoch; undefined while it has none in force. */
  secret(epoch: number): Digest | undefined;
  reportStage(epoch: number, auditor: AccountId): ReportStage;
  /** Entries of this node's report whose transcripts were drawn and are not filed yet (P-3). */
  owedTranscripts(epoch: number, auditor: AccountId): readonly OwedTranscript[];
  /** Parts of an asset's service claim that the ledger has (P-4). */
  claimParts(epoch: number, asset: AssetId): number;
  /** The key that an account signs with in an epoch: what the ledger will check what it signed for that epoch with (I-7). */
  publicKey(account: AccountId, epoch: number): Bytes | undefined;
  /**
   * Signs and hands a transaction to the mempool, of no use after `lastHeight`; rejects with FairmeshError
   * `TRANSACTION_REJECTED`.
   */
  submit(body: TransactionBody, lastHeight: number): Promise<void>;
}
