// What needs the operator before it costs him: one rule an alert, over what the node can see of itself. Pure.
import { type AssetId, type AssetKind, keyOf } from "../../primitives/index.ts";

export interface Sight {
  readonly nowMs: number;
  readonly height: number;
  readonly epoch: number;
  /** When the last final block became final here. */
  readonly committedMs: number;
  /** Median over the last blocks of (time of commit here - the block's timestamp); undefined until there are enough. */
  readonly blockAgeMs: number | undefined;
  readonly blockIntervalMs: number;
  readonly driftMs: number;
  readonly syncing: boolean;
  readonly peers: number;
  /** As the driver's status says. */
  readonly peersKeepFrom: number | undefined;
  /** Why this node's seat does not vote. */
  readonly observing: string | undefined;
  /** Absent while this node's account is no operator. */
  readonly operator:
    | { readonly scorePpm: number; readonly chainLength: number; readonly chainUsed: number }
    | undefined;
  readonly assets: readonly {
    readonly id: AssetId;
    readonly kind: AssetKind;
    /** Of its last outcome; undefined before the first. */
    readonly passPpm: number | undefined;
    /** What its service found damaged lately, and what became of it. */
    readonly faults: readonly string[];
  }[];
  /** Whether this node owes a report on the last epoch that it has not committed to, and the share of the time for it gone by. */
  readonly reportOwed: boolean;
  readonly reportTimePpm: number;
  readonly freeBytes: number | undefined;
  readonly reserveBytes: number;
}

export interface Finding {
  readonly code: string;
  readonly severity: "warning" | "critical";
  readonly message: string;
}

const lowScorePpm = 300_000;
const missedPassPpm = 500_000;
/** A chain with less than this share left should have been renewed. */
const chainLeftPpm = 100_000;
const stalledBlocks = 40;
const stalledLeastMs = 20_000;
const lateBlocks = 10;
const lateLeastMs = 5_000;

/** A block that becomes final here longer than this after its timestamp is late. */
export const lateAfterMs = (blockIntervalMs: number): number => Math.max(lateBlocks * blockIntervalMs, lateLeastMs);

const warning = (code: string, message: string): Finding => ({ code, severity: "warning", message });
const critical = (code: string, message: string): Finding => ({ code, severity: "critical", message });

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
const percent = (ppm: number): string => `${Math.round(ppm / 10_000)}%`;

function ofNetwork(sight: Sight): readonly (Finding | undefined)[] {
  const silentMs = sight.nowMs - sight.committedMs;
  const stalledMs = Math.max(stalledBlocks * sight.blockIntervalMs, stalledLeastMs);
  return [
    sight.peers === 0
      ? critical("no-peers", "no peer is connected: check network.bootstrap, the firewall and the announced address")
      : undefined,
    silentMs > stalledMs && !sight.syncing
      ? critical("stalled", `no block became final for ${seconds(silentMs)}: too many seats are down or unreachable`)
      : undefined,
    silentMs > stalledMs && (sight.peersKeepFrom ?? 0) > sight.height + 1
      ? critical(
          "blocks-gone",
          `peers keep blocks from height ${sight.peersKeepFrom} on, and this node needs ${sight.height + 1}: it begins anew and joins by state, unless node.sync is blocks; if this stays, stop it, pin a checkpoint (node.checkpoint) and start it again`,
        )
      : undefined,
    sight.observing !== undefined
      ? critical("observing", `this seat does not vote (${sight.observing}); it earns no committee pay`)
      : undefined,
  ];
}

/** A clock that is behind sees blocks from the future; one that is ahead sees them late although they keep coming. */
function ofClock(sight: Sight): Finding | undefined {
  const { blockAgeMs, driftMs, blockIntervalMs } = sight;
  if (blockAgeMs === undefined || sight.syncing) return undefined;
  if (blockAgeMs < -driftMs / 2) {
    return warning("clock-behind", `this machine's clock is about ${seconds(-blockAgeMs)} behind: start NTP`);
  }
  if (blockAgeMs > lateAfterMs(blockIntervalMs)) {
    return warning(
      "clock-ahead",
      `blocks arrive ${seconds(blockAgeMs)} after their time: the clock is ahead, or the link slow`,
    );
  }
  return undefined;
}

function ofOperator({ operator, reportOwed, reportTimePpm }: Sight): readonly (Finding | undefined)[] {
  if (operator === undefined) return [];
  const left = operator.chainLength - operator.chainUsed;
  return [
    operator.scorePpm < lowScorePpm
      ? warning("low-score", `the service score is ${percent(operator.scorePpm)}: draws and pay shrink with it`)
      : undefined,
    left * 1_000_000 < operator.chainLength * chainLeftPpm
      ? critical("beacon-ending", `${left} beacon reveals are left: renew the chain, or this seat cannot propose`)
      : undefined,
    reportOwed && reportTimePpm > 700_000
      ? warning(
          "report-late",
          `no report on the last epoch is filed and ${percent(reportTimePpm)} of the time has gone`,
        )
      : undefined,
  ];
}

const ofDamage = ({ assets }: Sight): readonly (Finding | undefined)[] =>
  assets.map(({ id, kind, faults }) =>
    faults.length > 0
      ? warning(
          `damaged-${kind}-${keyOf(id).slice(0, 8)}`,
          `a ${kind} asset was found damaged ${faults.length} times lately; check the disk. Last: ${faults.at(-1)}`,
        )
      : undefined,
  );

const ofAssets = ({ assets, epoch }: Sight): readonly (Finding | undefined)[] =>
  assets.map(({ id, kind, passPpm }) =>
    passPpm !== undefined && passPpm < missedPassPpm
      ? warning(
          `missed-audits-${kind}-${keyOf(id).slice(0, 8)}`,
          `a ${kind} asset passed ${percent(passPpm)} of its last audits (seen in epoch ${epoch}): is it reachable and whole?`,
        )
      : undefined,
  );

function ofDisk({ freeBytes, reserveBytes }: Sight): Finding | undefined {
  if (freeBytes === undefined || freeBytes > reserveBytes / 4) return undefined;
  const mebibytes = Math.floor(freeBytes / 2 ** 20);
  return critical("disk-filling", `${mebibytes} MiB are left for the database above what assets use: free some disk`);
}

/** Everything that is wrong now, each with a code that stays the same while it lasts. */
export const findingsOf = (sight: Sight): readonly Finding[] =>
  [
    ...ofNetwork(sight),
    ofClock(sight),
    ...ofOperator(sight),
    ...ofAssets(sight),
    ...ofDamage(sight),
    ofDisk(sight),
  ].filter((finding) => finding !== undefined);
