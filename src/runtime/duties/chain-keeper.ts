// Renews an operator's hash chains before one of them is used up (section 3, Beacon; P-2): without it a long-lived seat could
// propose no more, and an auditor report no more. Decided anew from the chain at each final block; asks once an epoch.
import type { Log } from "../../ports/index.ts";
import type { TransactionBody } from "../../schema/index.ts";
import type { DutyView } from "./duty-view.ts";

export interface ChainState {
  readonly chainLength: number;
  readonly beaconRevealed: number;
  readonly chainGeneration: number;
  readonly renewal: readonly unknown[];
}

export interface ChainKeeperParts {
  readonly view: Pick<DutyView, "head" | "parameters" | "secret" | "submit">;
  /** This node's operator on the ledger, if it is one. */
  readonly operator: () => ChainState | undefined;
  /** Ends of the chains of a generation. */
  readonly chains: (generation: number) => TransactionBody<"renewBeacon">["value"];
  readonly log: Log;
}

/** A renewal is in force in the second epoch after; until then a lone seat could reveal in every block. */
const epochsAhead = 4;

export class ChainKeeper {
  readonly #parts: ChainKeeperParts;
  #askedEpoch = -1;

  constructor(parts: ChainKeeperParts) {
    this.#parts = parts;
  }

  async onBlock(): Promise<void> {
    const { view, operator, chains, log } = this.#parts;
    const { epoch, height } = view.head();
    const known = operator();
    if (known === undefined || known.renewal.length > 0 || this.#askedEpoch === epoch || !this.#isShort(known)) return;
    this.#askedEpoch = epoch;
    const value = chains(known.chainGeneration + 1);
    log.info("renewing the beacon and auditor chains", { generation: known.chainGeneration + 1 });
    try {
      await view.submit({ kind: "renewBeacon", value }, height + view.parameters.epochBlocks);
    } catch (cause) {
      log.warn("the chains could not be renewed", { cause: String(cause) });
    }
  }

  /** Few reveals are left, or the auditor's chain has no secret some epochs from now. */
  #isShort({ chainLength, beaconRevealed }: ChainState): boolean {
    const { view } = this.#parts;
    if (chainLength - beaconRevealed < epochsAhead * view.parameters.epochBlocks) return true;
    const { epoch, offset } = view.head();
    return offset === 0 && view.secret(epoch) !== undefined && view.secret(epoch + epochsAhead) === undefined;
  }
}
