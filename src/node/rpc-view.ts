// The node as RPC sees it. Answers only, from the last final block.

import type { Network } from "../network/index.ts";
import { type AccountId, compareBytes, FairmeshError, grains, keyOf } from "../primitives/index.ts";
import type { NodeView } from "../rpc/index.ts";
import type { LedgerApplication } from "../runtime/application/index.ts";
import type { CapacityBook } from "../runtime/capacity/index.ts";
import type { Driver } from "../runtime/driver/index.ts";
import { blockDigest, bodyOf, type Transaction, transactionCodec } from "../schema/index.ts";
import { assetOf, epochNow } from "./chain-views.ts";
import type { Submitter } from "./submitter.ts";

export interface RpcViewParts {
  readonly application: LedgerApplication;
  readonly driver: Driver;
  readonly network: Network;
  readonly capacity: CapacityBook;
  readonly submitter: Submitter;
  readonly account: AccountId;
  readonly version: string;
  readonly networkName: string;
  readonly verifier: string;
  readonly uptimeMs: () => number;
  readonly audits: () => { readonly passed: number; readonly failed: number };
}

export function rpcView(parts: RpcViewParts): NodeView {
  const { application, driver, network, capacity, account } = parts;
  const { queries } = application;
  const sortedAssets = () => [...queries.assets()].sort(([a], [b]) => compareBytes(a, b));
  return {
    status: () => {
      const { term, view, seat, syncing, observing } = driver.status();
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
        syncing,
        observing,
        peers: network.transport.peers().length,
        verifier: parts.verifier,
        uptimeMs: parts.uptimeMs(),
        audits: parts.audits(),
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
    assets: (after, limit) =>
      sortedAssets()
        .filter(([id]) => after === undefined || compareBytes(id, after) > 0)
        .slice(0, limit)
        .map(([id, state]) => assetOf(id, state)),
    capacities: () => {
      capacity.expire(epochNow(queries));
      return [...capacity.list()].sort((a, b) => (keyOf(a.assetId) < keyOf(b.assetId) ? -1 : 1));
    },
    epochRecord: (epoch) => queries.epochRecord(epoch),
    rewards: async (epoch) => (queries.epochRecord(epoch) === undefined ? undefined : queries.rewardTable(epoch)),
    explanation: (epoch, asset) => queries.explain(epoch, asset)?.explanation,
    rewardCertificate: async (epoch, asset, start) => {
      const made = await queries.certificate(epoch, asset, start);
      if (made.ok) return made.value;
      throw new FairmeshError("CERTIFICATE_MISSING", `this reward cannot be proved: ${made.error}`, {
        fields: { reason: made.error },
      });
    },
    submit: async (bytes) => {
      const outcome = await application.submit(bytes);
      if (!outcome.ok) {
        throw new FairmeshError("TRANSACTION_REJECTED", `the transaction was refused: ${outcome.error}`, {
          fields: { reason: outcome.error },
        });
      }
      await parts.submitter.spread(bytes);
      return outcome.value;
    },
  };
}
