// What the binding handshake asks of the ledger (I-3).
import type { BindingView } from "../network/index.ts";
import type { LedgerApplication } from "../runtime/application/index.ts";
import { epochNow } from "../runtime/whole/index.ts";

export const bindingView = ({ queries }: LedgerApplication): BindingView => ({
  seqMin: (account) => queries.operator(account)?.bindSeq ?? 0,
  epoch: () => epochNow(queries),
});
