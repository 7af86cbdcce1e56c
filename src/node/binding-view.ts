// What the binding handshake asks of the ledger (I-3).
import { keyInForce } from "../ledger/index.ts";
import type { BindingView } from "../network/index.ts";
import type { Clock } from "../ports/index.ts";
import type { LedgerApplication } from "../runtime/application/index.ts";
import { epochNow, mayLackKeys } from "../runtime/whole/index.ts";

export const bindingView = (application: LedgerApplication, clock: Pick<Clock, "nowMs">): BindingView => {
  const { queries, parameters } = application;
  const epochsSince = (ms: number): number =>
    Math.max(0, clock.nowMs() - ms) / (parameters.epochBlocks * parameters.blockIntervalMs);
  return {
    seqMin: (account) => queries.operator(account)?.bindSeq ?? 0,
    keyIds(account) {
      const state = queries.account(account);
      if (state === undefined) return [];
      const { keyId, nextKeyId, nextKeyEpoch } = state;
      const known = nextKeyEpoch > epochNow(queries) ? [keyId, nextKeyId] : [keyInForce(state, epochNow(queries))];
      return known.filter((id) => id.some((byte) => byte !== 0));
    },
    epoch: () => epochNow(queries),
    latestEpoch: () => epochNow(queries) + Math.ceil(epochsSince(queries.head().header.timestampMs)),
    mayLackKeys: () => mayLackKeys(application, clock),
  };
};
