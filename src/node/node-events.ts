// What subscribers of RPC are told of, as it happens and looked up again from a height on. Heads and settled epochs come from
// the chain, advertisements from gossip, alerts from the board.
import { setImmediate } from "node:timers/promises";
import { type AssetId, FairmeshError } from "../primitives/index.ts";
import type { NodeEvent, NodeView } from "../rpc/index.ts";
import type { AlertBoard } from "../runtime/alerts/index.ts";
import type { LedgerApplication } from "../runtime/application/index.ts";
import type { CapacityBook } from "../runtime/capacity/index.ts";
import type { EpochRecord } from "../schema/index.ts";

type Topic = NodeEvent["topic"];
type Events = Pick<NodeView, "onEvent" | "pastEvents">;

/** Blocks that a resumed subscription may be behind. */
const behindBlocksMax = 10_000;
const rewardsAtOnce = 256;

export interface EventParts {
  readonly application: LedgerApplication;
  readonly capacity: CapacityBook;
  readonly alerts: AlertBoard;
}

export function nodeEvents({ application, capacity, alerts }: EventParts): Events {
  const { queries, parameters } = application;
  const listeners = new Set<(event: NodeEvent) => void>();
  const tell = (event: NodeEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const heightNow = (): number => queries.head().header.height;
  const settledHeight = (epoch: number): number => (epoch + 2) * parameters.epochBlocks;

  const headAt = (height: number): NodeEvent | undefined => {
    const block = queries.block(height);
    if (block === undefined) return undefined;
    const { epoch, term, parent, timestampMs, proposer } = block.header;
    const transactions = block.transactions.length;
    const time = new Date(timestampMs).toISOString();
    return { topic: "heads", height, item: { height, epoch, term, parent, proposer, time, transactions } };
  };
  const epochAt = (record: EpochRecord): NodeEvent => ({
    topic: "epochs",
    height: settledHeight(record.epoch),
    item: record,
  });
  /** Read in parts from the disk: between two of them sockets take what was written. */
  async function* rewardsOf(epoch: number): AsyncIterable<NodeEvent> {
    for (let after: AssetId | undefined; ; ) {
      const leaves = await queries.rewardTable(epoch, { after, limit: rewardsAtOnce });
      for (const leaf of leaves)
        yield { topic: "rewards", height: settledHeight(epoch), owner: leaf.owner, item: { epoch, ...leaf } };
      if (leaves.length < rewardsAtOnce) return;
      after = leaves.at(-1)?.assetId;
      await setImmediate();
    }
  }

  application.onCommit(({ facts, record }) => {
    if (listeners.size === 0) return;
    const head = headAt(facts.height);
    if (head !== undefined) tell(head);
    if (record === undefined) return;
    tell(epochAt(record));
    void (async () => {
      for await (const event of rewardsOf(record.epoch)) tell(event);
    })();
  });
  capacity.onAdvertisement((item) => {
    tell({ topic: "capacity", height: heightNow(), owner: item.owner, item });
  });
  alerts.onChange((item) => tell({ topic: "alerts", height: heightNow(), item }));

  async function* past(topic: Topic, fromHeight: number): AsyncIterable<NodeEvent> {
    if (topic === "capacity") {
      for (const item of capacity.list()) yield { topic, height: heightNow(), owner: item.owner, item };
    } else if (topic === "alerts") {
      for (const item of alerts.list()) yield { topic, height: heightNow(), item };
    } else if (topic === "heads") {
      for (let height = Math.max(1, fromHeight); height <= heightNow(); height++) {
        const head = headAt(height);
        if (head !== undefined) yield head;
      }
    } else {
      const first = Math.max(0, Math.ceil(fromHeight / parameters.epochBlocks) - 2);
      for (let epoch = first; settledHeight(epoch) <= heightNow(); epoch++) {
        const record = queries.epochRecord(epoch);
        if (record === undefined) continue;
        if (topic === "epochs") yield epochAt(record);
        else yield* rewardsOf(epoch);
      }
    }
  }

  return {
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pastEvents(topic, fromHeight) {
      if (fromHeight < heightNow() - behindBlocksMax) {
        throw new FairmeshError(
          "TOO_FAR_BEHIND",
          `events are sent again from height ${Math.max(0, heightNow() - behindBlocksMax)} on at the earliest`,
        );
      }
      return past(topic, fromHeight);
    },
  };
}
