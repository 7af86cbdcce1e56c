// Begins consensus: at once where the node is near its network, after a join by state where it is far behind and may. The join
// goes on beside the rest of the node, which answers questions meanwhile.

import type { LedgerApplication } from "../application/index.ts";
import type { Driver } from "../driver/index.ts";
import { adoptedTerm } from "../driver/index.ts";
import type { StateSnapshots } from "../fetch/index.ts";
import { type JoinStatus, StateJoin } from "../sync/index.ts";
import type { JoinSetting, WholePorts } from "./whole-parts.ts";

export interface BeginningParts extends WholePorts {
  readonly application: LedgerApplication;
  readonly snapshots: StateSnapshots;
  readonly driver: Driver;
  readonly join: JoinSetting | undefined;
  readonly onFailure: ((error: unknown) => void) | undefined;
}

export interface Beginning {
  joining(): JoinStatus | undefined;
  /** Settles when consensus runs, or when a join is under way after which it will. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function beginning(parts: BeginningParts): Beginning {
  const { driver, join, store, onFailure } = parts;
  const stopping = new AbortController();
  const stateJoin =
    join === undefined
      ? undefined
      : new StateJoin({
          ...parts,
          ...join,
          log: parts.log.child({ part: "sync" }),
          alongside: (finalization) => adoptedTerm(store, finalization),
        });
  let under: Promise<void> = Promise.resolve();
  const joinFirst = async (one: StateJoin): Promise<void> => {
    try {
      await one.run(stopping.signal);
      if (!stopping.signal.aborted) await driver.start();
    } catch (error) {
      if (!stopping.signal.aborted) onFailure?.(error);
    }
  };
  return {
    joining: () => stateJoin?.status(),
    async start() {
      if (stateJoin?.due() !== true) return driver.start();
      under = joinFirst(stateJoin);
    },
    async stop() {
      stopping.abort(new Error("the node stops"));
      await under;
      await driver.stop();
    },
  };
}
