// The node as RPC sees it. Answers only, from the last final block.

import type { Verifier } from "../crypto/index.ts";
import type { Network } from "../network/index.ts";
import { type AccountId, type Digest, equalBytes, FairmeshError, grains, keyOf } from "../primitives/index.ts";
import type { BlobActions, NodeView, TransactionView } from "../rpc/index.ts";
import type { AlertBoard } from "../runtime/alerts/index.ts";
import { certificateProblems, type LedgerApplication, type Queries } from "../runtime/application/index.ts";
import type { CapacityBook } from "../runtime/capacity/index.ts";
import type { Driver } from "../runtime/driver/index.ts";
import type { Duties } from "../runtime/duties/index.ts";
import type { ProofBook } from "../runtime/services/index.ts";
import type { JoinStatus } from "../runtime/sync/index.ts";
import { assetOf, epochNow, type Submitter } from "../runtime/whole/index.ts";
import {
  type Asset,
  blockDigest,
  bodyOf,
  type EpochRecord,
  type Transaction,
  transactionCodec,
} from "../schema/index.ts";
import { findAssets } from "./find-assets.ts";
import { getTranscript } from "./get-transcript.ts";
import { nodeEvents } from "./node-events.ts";
import { rejectionText } from "./rejection-text.ts";

export interface RpcViewParts {
  readonly application: LedgerApplication;
  readonly driver: Driver;
  readonly network: Network;
  readonly capacity: CapacityBook;
  readonly proofs: ProofBook;
  readonly blobs: BlobActions;
  readonly submitter: Submitter;
  readonly duties: Duties;
  readonly account: AccountId;
  readonly version: string;
  readonly networkName: string;
  readonly verifier: Verifier;
  readonly uptimeMs: () => number;
  readonly audits: () => { readonly passed: number; readonly failed: number };
  readonly offers: () => ReturnType<NodeView["status"]>["offers"];
  readonly alerts: AlertBoard;
  readonly joining: () => JoinStatus | undefined;
  readonly catchingUp: () => boolean;
}

export function rpcView(parts: RpcViewParts): NodeView {
  const { application, driver, network, capacity, account } = parts;
  const { queries } = application;
  return {
    status: () => {
      const { term, view, seat, observing } = driver.status();
      const { header, digest } = queries.head();
      return {
        version: parts.version,
        networkId: application.networkId,
        networkName: parts.networkName,
        account,
        height: header.height,
        digest,
        epoch: header.epoch,
        term,
        view,
        seat,
        timestampMs: header.timestampMs,
        syncing: parts.catchingUp(),
        joining: parts.joining(),
        observing,
        checkpoint: queries.termEnd(),
        blocksFrom: queries.bodiesFrom(),
        peers: network.transport.peers().length,
        verifier: parts.verifier.name,
        uptimeMs: parts.uptimeMs(),
        audits: parts.audits(),
        offers: parts.offers(),
        alerts: parts.alerts.list().length,
      };
    },
    peers: () => network.peers(),
    addresses: () => network.addresses(),
    block: (height) => {
      const block = queries.block(height);
      if (block === undefined) return undefined;
      const transactions = block.transactions.map((transaction) => ({
        id: transactionCodec.root(transaction),
        kind: bodyOf(transaction as Transaction).kind,
        sender: transaction.sender,
      }));
      return { header: block.header, digest: blockDigest(block.header), transactions };
    },
    certificate: (height) => queries.finalization(height),
    committee: (term) =>
      queries.committee(term)?.record.seats.map(({ operator }, seat) => ({
        seat,
        account: operator,
      })),
    parameters: () => application.parameters,
    account: (id) => {
      const state = queries.account(id);
      if (state === undefined) return undefined;
      const operator = queries.operator(id);
      return {
        account: id,
        balance: grains(state.balance),
        nonce: state.nonce,
        nextNonce: application.mempool.nextNonce(id, state.nonce),
        keyKnown: state.keyId.some((byte) => byte !== 0),
        operator:
          operator === undefined
            ? undefined
            : {
                bond: grains(operator.bond),
                scorePpm: operator.scorePpm,
                withdrawal: operator.withdrawal,
                assets: operator.assets,
              },
      };
    },
    asset: (id) => {
      const state = queries.asset(id);
      return state === undefined ? undefined : assetOf(id, state);
    },
    assets: (after, limit) => {
      const page: Asset[] = [];
      for (const [id, state] of queries.assets(after)) {
        page.push(assetOf(id, state));
        if (page.length === limit) break;
      }
      return page;
    },
    capacities: () => {
      capacity.expire(epochNow(queries));
      return capacity.list();
    },
    proofs: () => parts.proofs.list(),
    blobs: parts.blobs,
    findAssets: (query, limit) => findAssets(parts, query, limit),
    audits: (epoch, after, limit) =>
      queries.assignments(epoch, after, limit).map(({ assetId, auditors }) => ({
        assetId,
        auditors: auditors.map((auditor) => ({ auditor, entry: entryOf(queries, epoch, auditor, assetId) })),
      })),
    transcript: (request) => getTranscript(parts, request),
    transaction: (id) => transactionOf(application, id),
    alerts: () => parts.alerts.list(),
    ...nodeEvents({ application, capacity, alerts: parts.alerts }),
    epochRecord: (epoch) => queries.epochRecord(epoch),
    epochRecords: (fromEpoch, limit) => {
      const last = epochNow(queries);
      const records: EpochRecord[] = [];
      for (let epoch = fromEpoch; epoch <= last && records.length < limit; epoch++) {
        const record = queries.epochRecord(epoch);
        if (record !== undefined) records.push(record);
      }
      return records;
    },
    rewards: async (epoch, after, limit) =>
      queries.epochRecord(epoch) === undefined ? undefined : queries.rewardTable(epoch, { after, limit }),
    explanation: (epoch, asset) => queries.explain(epoch, asset)?.explanation,
    rewardCertificate: async (epoch, asset, start) => {
      const made = await queries.certificate(epoch, asset, start);
      if (made.ok) return made.value;
      throw new FairmeshError(
        "CERTIFICATE_MISSING",
        `this reward cannot be proved: ${certificateProblems[made.error]}`,
        {
          fields: { reason: made.error },
        },
      );
    },
    submit: async (bytes) => {
      const outcome = await application.submit(bytes);
      if (!outcome.ok) {
        throw new FairmeshError(
          "TRANSACTION_REJECTED",
          `the transaction was refused: ${rejectionText(outcome.error)}`,
          {
            fields: { reason: outcome.error },
          },
        );
      }
      await parts.submitter.spread(bytes);
      return outcome.value;
    },
  };
}

function entryOf(queries: Queries, ...[epoch, auditor, asset]: Parameters<Queries["reportEntry"]>) {
  const entry = queries.reportEntry(epoch, auditor, asset);
  if (entry === undefined) return undefined;
  const { passed, attempted, measured, latencyMs, direct } = entry;
  return { passed, attempted, measured, latencyMs, direct };
}

function transactionOf({ queries, mempool }: LedgerApplication, id: Digest): TransactionView | undefined {
  const shown = (transaction: Transaction) => ({
    kind: bodyOf(transaction).kind,
    sender: transaction.sender,
    nonce: transaction.nonce,
  });
  const waiting = mempool.get(keyOf(id));
  if (waiting !== undefined) return { id, status: "waiting", height: undefined, ...shown(waiting.transaction) };
  const height = queries.transactionHeight(id);
  if (height === undefined) return undefined;
  const inBlock = queries
    .block(height)
    ?.transactions.find((transaction) => equalBytes(transactionCodec.root(transaction), id));
  // Its block's body may not be kept any more (L-9).
  const rest = inBlock === undefined ? { kind: undefined, sender: undefined, nonce: undefined } : shown(inBlock);
  return { id, status: "final", height, ...rest };
}
