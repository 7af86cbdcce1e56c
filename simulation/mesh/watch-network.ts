// What a local network looks like from outside, asked over RPC: the only source of the live view and the summary.
import type { NodeProcess } from "./node-process.ts";
import { rpcCall } from "./rpc-call.ts";

export interface NodeSight {
  readonly name: string;
  readonly running: boolean;
  readonly height: number;
  readonly digest: string;
  readonly epoch: number;
  readonly view: number;
  readonly seat: number | null;
  readonly peers: number;
  readonly audits: { readonly passed: number; readonly failed: number };
}

export interface Concentration {
  readonly giniPpm: number;
  readonly nakamotoThird: number;
  readonly topSharePpm: number;
}

export interface RewardRow {
  readonly assetId: string;
  readonly owner: string;
  readonly kind: number;
  readonly units: string;
  readonly reward: string;
}

export interface EpochSight {
  readonly epoch: number;
  readonly emission: string;
  readonly auditPay: string;
  readonly committeePay: string;
  readonly rewardsRoot: string;
  readonly concentration: readonly Concentration[];
  readonly rewards: readonly RewardRow[];
}

export async function lookAtNode(node: NodeProcess): Promise<NodeSight> {
  const { name } = node.plan;
  const silent = { name, running: node.running, height: 0, digest: "", epoch: 0, view: 0, seat: null, peers: 0 };
  if (!node.running) return { ...silent, audits: { passed: 0, failed: 0 } };
  try {
    const status = await rpcCall<Omit<NodeSight, "name" | "running">>(node.plan.rpcUrl, "node_status");
    return { ...status, name, running: true };
  } catch {
    return { ...silent, audits: { passed: 0, failed: 0 } };
  }
}

/** A settled epoch with its reward table, or undefined while it is not settled. */
export async function lookAtEpoch(node: NodeProcess, epoch: number): Promise<EpochSight | undefined> {
  try {
    const record = await rpcCall<Omit<EpochSight, "rewards">>(node.plan.rpcUrl, "reward_getEpoch", { epoch });
    const { items } = await rpcCall<{ items: RewardRow[] }>(node.plan.rpcUrl, "reward_list", { epoch, limit: 500 });
    return { ...record, rewards: items };
  } catch {
    return undefined;
  }
}
