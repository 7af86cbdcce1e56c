// What one run of a world was: its violations first, then what happened and how fast. Plain data, so that workers can send it.
import type { AgreementChecker, SignatureChecker } from "./checkers/index.ts";
import type { Scheduler } from "./environment/index.ts";
import type { Fault } from "./faults/index.ts";
import type { Behaviour, Scenario } from "./scenario.ts";

export interface Report {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly traceHash: string;
  readonly schedule: readonly Fault[];
  readonly faults: Readonly<Record<string, number>>;
  readonly byzantine: readonly string[];
  readonly blocks: number;
  readonly views: number;
  readonly votes: number;
  readonly evidence: number;
  /** Pairs that S-13 punishes, signed by nodes whose whole disk had been set back. */
  readonly forgottenPairs: number;
  /** When a rule was broken: whose votes, of all that were sent, S-13 punishes. By account. */
  readonly culprits: readonly number[];
  /** The Byzantine accounts. */
  readonly liars: readonly number[];
  readonly simulatedMs: number;
  readonly events: number;
  /** Time from a block's timestamp to its commit on an honest node: the median and the 99th of a hundred. */
  readonly finalityMs: number;
  readonly finality99Ms: number;
  /** The median in one-way delays, where the latency is one number. */
  readonly finalityDelays: number | undefined;
  /** The last lines of each node's log, when a rule was broken. */
  readonly logs: readonly string[];
}

export interface ReportParts {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly violations: readonly string[];
  readonly schedule: readonly Fault[];
  readonly faults: ReadonlyMap<string, number>;
  readonly byzantine: readonly (Behaviour | undefined)[];
  readonly evidence: number;
  readonly culprits: readonly number[];
  readonly liars: readonly number[];
  readonly agreement: AgreementChecker;
  readonly signatures: SignatureChecker;
  readonly scheduler: Scheduler;
  readonly startMs: number;
  readonly logs: readonly string[];
}

export function reportOf(parts: ReportParts): Report {
  const { scenario, violations, agreement, signatures, scheduler } = parts;
  const sorted = [...agreement.finalityMs].sort((a, b) => a - b);
  const finalityMs = sorted[sorted.length >> 1] ?? Number.NaN;
  const { latency } = scenario;
  return {
    seed: parts.seed,
    violations,
    traceHash: scheduler.traceHash(),
    schedule: parts.schedule,
    faults: Object.fromEntries(parts.faults),
    byzantine: parts.byzantine.flatMap((behaviour, node) => (behaviour === undefined ? [] : [`${behaviour} ${node}`])),
    blocks: agreement.height,
    views: signatures.views,
    votes: signatures.votes,
    evidence: parts.evidence,
    forgottenPairs: signatures.forgottenPairs,
    culprits: parts.culprits,
    liars: parts.liars,
    simulatedMs: scheduler.nowMs - parts.startMs,
    events: scheduler.events,
    finalityMs,
    finality99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    finalityDelays: typeof latency === "number" && latency > 0 ? finalityMs / latency : undefined,
    logs: violations.length === 0 ? [] : parts.logs,
  };
}
