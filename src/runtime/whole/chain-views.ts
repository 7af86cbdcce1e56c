// The application's answers in the words of those who ask: duties and validation.
import type { HashChain } from "../../crypto/index.ts";
import { auditorChainAt, isComplete, isSecretOf, keyInForce, renewed } from "../../ledger/index.ts";
import type { Clock } from "../../ports/index.ts";
import { type AccountId, type AssetId, assetKinds, type Bytes, type Digest, grains } from "../../primitives/index.ts";
import { type Asset, type AssetState, assetStatuses } from "../../schema/index.ts";
import type { NetworkView } from "../../validation/index.ts";
import type { LedgerApplication, Queries } from "../application/index.ts";
import type { DutyAsset, DutyView } from "../duties/index.ts";

export const epochNow = (queries: Queries): number => queries.head().header.epoch;

/** The key that an account signs with in an epoch; now, when none is named. */
export function publicKeyOf(queries: Queries, account: AccountId, epoch = epochNow(queries)): Bytes | undefined {
  const state = queries.account(account);
  return state === undefined ? undefined : queries.publicKey(keyInForce(state, epoch));
}

export const assetOf = (id: AssetId, state: AssetState): Asset => ({
  id,
  owner: state.owner,
  terms: state.terms,
  bond: grains(state.bond),
  registeredEpoch: state.registeredEpoch,
  status: state.status,
});

/**
 * Whether a key may be in force that this node's ledger does not have yet. A key is named on the ledger a whole epoch before it
 * signs (I-7), and an epoch takes no less than its blocks' intervals.
 */
export const mayLackKeys = ({ queries, parameters }: LedgerApplication, { nowMs }: Pick<Clock, "nowMs">): boolean =>
  nowMs() - queries.head().header.timestampMs > parameters.epochBlocks * parameters.blockIntervalMs;

export const networkView = (application: LedgerApplication, clock: Pick<Clock, "nowMs">): NetworkView => ({
  networkId: application.networkId,
  ...viewOf(application.queries),
  mayHaveOtherKey: (account) =>
    (application.queries.account(account)?.nextKeyEpoch ?? 0) > 0 || mayLackKeys(application, clock),
});

const viewOf = (queries: Queries): Pick<NetworkView, "epoch" | "publicKey" | "asset"> => ({
  epoch: () => epochNow(queries),
  publicKey: (account, epoch) => publicKeyOf(queries, account, epoch),
  asset: (id) => {
    const state = queries.asset(id);
    return state === undefined ? undefined : assetOf(id, state);
  },
});

/** The auditor secret of an epoch: found once for a chain by what the ledger expects, then counted on. */
function secretFinder(queries: Queries, account: AccountId, chainOf: (generation: number) => HashChain) {
  let known: { readonly generation: number; readonly firstEpoch: number } | undefined;
  return (epoch: number): Digest | undefined => {
    const found = queries.operator(account);
    if (found === undefined) return undefined;
    const operator = renewed(found, epoch);
    // The last epoch before a renewal is reported by the chain before.
    const earlier = auditorChainAt(operator, epoch) !== operator;
    const generation = operator.chainGeneration - (earlier ? 1 : 0);
    const chain = chainOf(generation);
    if (known?.generation !== generation) {
      known = undefined;
      for (let index = 0; index < chain.length; index++) {
        if (!isSecretOf(auditorChainAt(operator, epoch), epoch, chain.preimage(index))) continue;
        known = { generation, firstEpoch: epoch - index };
        break;
      }
    }
    if (known === undefined) return undefined;
    const index = epoch - known.firstEpoch;
    return index < 0 || index >= chain.length ? undefined : chain.preimage(index);
  };
}

export function dutyView(
  application: LedgerApplication,
  own: {
    readonly account: AccountId;
    readonly auditorChain: (generation: number) => HashChain;
    readonly submit: DutyView["submit"];
  },
): DutyView {
  const { queries, parameters, networkId } = application;
  const asset = (id: AssetId): DutyAsset | undefined => {
    const state = queries.asset(id);
    const kind = state === undefined ? undefined : assetKinds[state.terms.kind];
    if (state === undefined || kind === undefined || assetStatuses[state.status] === "retired") return undefined;
    return {
      id,
      owner: state.owner,
      kind,
      terms: state.terms,
      cell: state.terms.cell,
      activeFromEpoch: state.activeFromEpoch,
    };
  };
  return {
    networkId,
    parameters,
    head: () => {
      const { height, epoch } = queries.head().header;
      return { height, epoch, offset: height === 0 ? 0 : (height - 1) % parameters.epochBlocks };
    },
    isDrawn: (epoch, operator) => queries.isDrawn(epoch, operator),
    assignments: (epoch, auditor) => queries.assignedTo(epoch, auditor),
    isAssigned: (epoch, id, auditor) => queries.isAssigned(epoch, id, auditor),
    asset,
    windows: (epoch) => queries.windows(epoch),
    secret: secretFinder(queries, own.account, own.auditorChain),
    reportStage: (epoch, auditor) => {
      const report = queries.report(epoch, auditor);
      if (report === undefined) return "none";
      return isComplete(report) ? "revealed" : "committed";
    },
    owedTranscripts: (epoch, auditor) => queries.owedTranscripts(epoch, auditor),
    claimParts: (epoch, id) => queries.claimParts(epoch, id),
    publicKey: (account, epoch) => publicKeyOf(queries, account, epoch),
    submit: own.submit,
  };
}
