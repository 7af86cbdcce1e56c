// What this node gives whoever asks a peer for something: where to ask, what the ledger says of it, and where a lie is reported.
import type { Verifier } from "../crypto/index.ts";
import { systemClock } from "../native/index.ts";
import type { Network } from "../network/index.ts";
import type { AccountId } from "../primitives/index.ts";
import type { LedgerApplication } from "../runtime/application/index.ts";
import { networkView } from "../runtime/whole/index.ts";

export interface Asking {
  readonly application: LedgerApplication;
  readonly network: Network;
  readonly verifier: Verifier;
  readonly account: AccountId;
}

export const fetchParts = ({ application, network, verifier }: Asking) => ({
  transport: network.transport,
  discovery: network.discovery,
  facts: application.queries,
  view: networkView(application, systemClock),
  verifier,
  onLie: (from: AccountId, detail: string): void => network.report(from, "false-answer", detail),
});
