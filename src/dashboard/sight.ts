// What the page knows of its node, and how it changes: plain values and pure functions, without a clock, a document or a network.
// Everything in it was said by the node, and all of it is bounded; texts from the network stay texts.
import type {
  Alert,
  Asset,
  Capacity,
  EpochConcentration,
  EpochRecord,
  NodeStatus,
  Peer,
  ServiceProof,
  Topics,
} from "../client/index.ts";
import { formatCount } from "../primitives/index.ts";

/** Rows that a list shows, and what is held at most of what grows. */
export const rowsMax = 200;
export const heldMax = 2_000;
export const blocksMax = 60;
export const epochsMax = 12;
export const concentrationMax = 200;

export type Head = Topics["heads"];

export interface BlockSeen extends Head {
  /** Milliseconds from the block's own time until this page heard that it is final; absent for blocks of the past. */
  readonly finalMs: number | undefined;
}

export type Connection =
  | { readonly state: "connecting" }
  | { readonly state: "connected" }
  | { readonly state: "lost"; readonly why: string; readonly sinceMs: number };

export interface NodeSight {
  readonly connection: Connection;
  readonly status: NodeStatus | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly blocks: readonly BlockSeen[];
  readonly assets: ReadonlyMap<string, Asset>;
  /** As many assets are held as can be: there may be more. */
  readonly assetsLeft: boolean;
  readonly capacities: ReadonlyMap<string, Capacity>;
  readonly proofs: ReadonlyMap<string, ServiceProof>;
  /** The newest first. */
  readonly epochs: readonly EpochRecord[];
  readonly concentration: readonly EpochConcentration[];
  readonly peers: readonly Peer[];
  readonly alerts: readonly Alert[];
}

export const nothingSeen: NodeSight = {
  connection: { state: "connecting" },
  status: undefined,
  parameters: {},
  blocks: [],
  assets: new Map(),
  assetsLeft: false,
  capacities: new Map(),
  proofs: new Map(),
  epochs: [],
  concentration: [],
  peers: [],
  alerts: [],
};

/** Adds or replaces an item; beyond `heldMax` the one longest unchanged goes. */
export function withItem<T>(items: ReadonlyMap<string, T>, key: string, item: T): ReadonlyMap<string, T> {
  const next = new Map(items);
  next.delete(key);
  next.set(key, item);
  const [oldest] = next.keys();
  if (next.size > heldMax && oldest !== undefined) next.delete(oldest);
  return next;
}

/** Blocks in order of height, each once; `heardMs` only for a block that came as it became final. */
export function withBlock(blocks: readonly BlockSeen[], head: Head, heardMs: number | undefined): readonly BlockSeen[] {
  if (head.height <= (blocks.at(-1)?.height ?? 0)) return blocks;
  const finalMs = heardMs === undefined ? undefined : Math.max(0, heardMs - Date.parse(head.time));
  return [...blocks, { ...head, finalMs }].slice(-blocksMax);
}

/** Epoch records, the newest first, each once. */
export const withEpoch = (epochs: readonly EpochRecord[], record: EpochRecord): readonly EpochRecord[] =>
  [record, ...epochs.filter(({ epoch }) => epoch !== record.epoch)]
    .sort((a, b) => b.epoch - a.epoch)
    .slice(0, epochsMax);

/** Concentration by epoch, the oldest first; a record that lacks a figure is left out. */
export function withConcentration(
  history: readonly EpochConcentration[],
  { epoch, concentration }: EpochRecord,
): readonly EpochConcentration[] {
  const [rewardsByOperator, rewardsByGroup, bondsByOperator, bondsByGroup] = concentration;
  if (!(rewardsByOperator && rewardsByGroup && bondsByOperator && bondsByGroup)) return history;
  const one = { epoch, rewardsByOperator, rewardsByGroup, bondsByOperator, bondsByGroup };
  return [...history.filter((each) => each.epoch !== epoch), one]
    .sort((a, b) => a.epoch - b.epoch)
    .slice(-concentrationMax);
}

/** Alerts that stand: one that is over goes. */
export const withAlert = (alerts: readonly Alert[], alert: Alert): readonly Alert[] => [
  ...(alert.raised ? [alert] : []),
  ...alerts.filter(({ code }) => code !== alert.code).slice(0, rowsMax),
];

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export interface Pace {
  /** Median milliseconds between the blocks' own times. */
  readonly betweenMs: number | undefined;
  /** Median milliseconds from a block's own time to its finality heard here. */
  readonly finalMs: number | undefined;
  readonly blocks: number;
}

export function paceOf(blocks: readonly BlockSeen[]): Pace {
  const times = blocks.map(({ time }) => Date.parse(time));
  const between = times.slice(1).map((time, index) => time - (times[index] as number));
  return {
    betweenMs: median(between),
    finalMs: median(blocks.flatMap(({ finalMs }) => finalMs ?? [])),
    blocks: blocks.length,
  };
}

/** How far the epoch is that the next block belongs to; blocks count from 1. */
export function epochProgress(height: number, epochBlocks: number): { readonly done: number; readonly of: number } {
  return { done: height === 0 ? 0 : ((height - 1) % epochBlocks) + 1, of: epochBlocks };
}

export const epochBlocksOf = ({ parameters }: NodeSight): number | undefined =>
  typeof parameters.epochBlocks === "number" ? parameters.epochBlocks : undefined;

export const paidIn = ({ kinds }: EpochRecord): bigint =>
  kinds.reduce((sum, { paid, coveragePaid }) => sum + BigInt(paid) + BigInt(coveragePaid), 0n);

/** Why no reward is shown yet and when to expect one: assets of a new network count from its third epoch, settled a whole one later. */
export function firstPayText(height: number, epochBlocks: number | undefined): string {
  if (epochBlocks === undefined) return "Nothing is paid yet.";
  const left = 4 * epochBlocks - height;
  return left > 0
    ? `Nothing is paid yet: in a new network the first epoch with rewards is settled in about ${formatCount(left, "block")}.`
    : "Nothing is paid yet: an asset earns from the second epoch after its registration.";
}

/** What the node does in the network now. */
export function roleText({ seat, observing, joining, syncing, term }: NodeStatus): string {
  if (joining !== undefined) return `joining: ${joining.step}`;
  if (syncing) return "catching up";
  if (seat === undefined) return `no seat in term ${term}`;
  return observing === undefined ? `seat ${seat} of term ${term}` : `seat ${seat}, not voting: ${observing}`;
}
