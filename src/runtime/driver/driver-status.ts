// What the driver says of itself: to the node's status, to tests and to the simulator's checkers. Reads, changes nothing.
import type { State } from "../../consensus/index.ts";
import type { BlockFacts } from "../../schema/index.ts";
import type { DriverStatus } from "./options.ts";

/** `state` is undefined until the driver has recovered; what stands in for it then comes from the application's tip. */
export function driverStatus(
  state: State | undefined,
  known: {
    readonly phase: DriverStatus["phase"];
    readonly tip: BlockFacts;
    readonly queued: number;
    readonly peersKeepFrom: number | undefined;
    readonly deltaMs: number;
  },
): DriverStatus {
  const { facts } = state?.floor ?? { facts: known.tip };
  const records = state === undefined ? [] : Array.from(state.views.values());
  return {
    phase: known.phase,
    term: state?.committee.term ?? facts.term,
    view: state?.view ?? 0,
    seat: state?.seat,
    height: facts.height,
    digest: facts.digest,
    timestampMs: facts.timestampMs,
    observing: state?.observing,
    syncing: records.some((record) => record.finalize !== undefined),
    deltaMs: state?.deltaMs ?? known.deltaMs,
    queued: known.queued,
    peersKeepFrom: known.peersKeepFrom,
  };
}
