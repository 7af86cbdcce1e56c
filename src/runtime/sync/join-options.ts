// What a join by state is given, and what it says of itself meanwhile.
import type { Verifier } from "../../crypto/index.ts";
import type { Log, Metrics, StoreOperation } from "../../ports/index.ts";
import type { Digest } from "../../primitives/index.ts";
import type { Certificate, Genesis } from "../../schema/index.ts";
import type { LedgerApplication } from "../application/index.ts";
import type { AskingParts, StateSnapshots } from "../fetch/index.ts";

export interface JoinParts extends AskingParts {
  readonly application: LedgerApplication;
  readonly snapshots: StateSnapshots;
  readonly genesis: Genesis;
  readonly verifier: Verifier;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The last block of a term that the operator trusts. */
  readonly checkpoint: Digest | undefined;
  /** What else is written with a new tip, by its finalization. */
  readonly alongside: (finalization: Certificate) => Promise<readonly StoreOperation[]>;
}

/** `searching` peers that prove a term's end; then its `state`, `keys` and `postings` are fetched, and it is `adopting` them. */
export type JoinStep = "searching" | "state" | "keys" | "postings" | "adopting";

export interface JoinStatus {
  readonly step: JoinStep;
  /** The block that is joined at, once one is proved. */
  readonly height: number | undefined;
  /** Bytes of its state that are here. */
  readonly bytes: number;
}
