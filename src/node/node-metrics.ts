// Figures of the whole node that no part counts by itself: how far the chain is and how late blocks become final here, what
// waits where, and how the operator stands. Sampled when NodeWatch looks; blocks as they come.
import type { Clock, Metrics } from "../ports/index.ts";
import type { AccountId } from "../primitives/index.ts";
import type { LedgerApplication } from "../runtime/application/index.ts";
import type { DriverStatus } from "../runtime/driver/index.ts";

export interface NodeMetricsParts {
  readonly application: LedgerApplication;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly account: AccountId;
  readonly status: () => DriverStatus;
  readonly peers: () => number;
}

const finalityBuckets = [0.25, 0.5, 1, 2, 4, 8, 16, 32];

/** Begins to count blocks; the answer samples the rest, given the bytes that are free on the disk. */
export function nodeMetrics(parts: NodeMetricsParts): (freeBytes: number | undefined) => void {
  const { application, clock, metrics, account, status, peers } = parts;
  const gauge = (name: string, help: string) => metrics.gauge(`fairmesh_${name}`, { help });
  const finality = metrics.histogram("fairmesh_block_finality_seconds", {
    help: "From a block's timestamp to its commit here.",
    buckets: finalityBuckets,
  });
  const transactions = metrics.counter("fairmesh_block_transactions_total", { help: "Transactions in final blocks." });
  application.onCommit(({ facts }) => {
    finality.observe(Math.max(0, clock.nowMs() - facts.timestampMs) / 1000);
    transactions.add(application.queries.block(facts.height)?.transactions.length ?? 0);
  });
  const gauges = {
    epoch: gauge("chain_epoch", "Epoch of the last final block."),
    term: gauge("chain_term", "Term of the last final block."),
    blocksFrom: gauge("chain_blocks_from_height", "Lowest height whose block is kept (L-9)."),
    waiting: gauge("mempool_transactions", "Transactions that wait for a block."),
    waitingBytes: gauge("mempool_bytes", "Their bytes."),
    queued: gauge("consensus_queue_inputs", "Inputs that wait for the consensus core."),
    voting: gauge("consensus_voting", "1 while this node's seat votes, 0 while it has none or observes."),
    delta: gauge("consensus_delta_seconds", "The bound on a message's delay that time-outs are made of (S-9)."),
    peers: gauge("network_peers", "Bound peers that are connected."),
    free: gauge("disk_free_bytes", "Free on the disk of the data folder."),
    score: gauge("operator_score_ratio", "This operator's service score, from 0 to 1."),
    bond: gauge("operator_bond_fair", "This operator's bond."),
    beacon: gauge("operator_beacon_reveals_left", "Beacon reveals that are left before the chain is renewed."),
  };
  return (freeBytes) => {
    const { epoch, term } = application.queries.head().header;
    const { queued, seat, observing, deltaMs } = status();
    const operator = application.queries.operator(account);
    gauges.epoch.set(epoch);
    gauges.term.set(term);
    gauges.blocksFrom.set(application.queries.bodiesFrom());
    gauges.waiting.set(application.mempool.size);
    gauges.waitingBytes.set(application.mempool.bytes);
    gauges.queued.set(queued);
    gauges.voting.set(seat !== undefined && observing === undefined ? 1 : 0);
    gauges.delta.set(deltaMs / 1000);
    gauges.peers.set(peers());
    if (freeBytes !== undefined) gauges.free.set(freeBytes);
    if (operator === undefined) return;
    gauges.score.set(operator.scorePpm / 1_000_000);
    gauges.bond.set(Number(operator.bond) / 1e9);
    gauges.beacon.set(operator.chainLength - operator.beaconRevealed);
  };
}
