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
  readonly reward: string;
  /** From the asset's record: index of its kind, and its registered units. */
  readonly kind: number;
  readonly units: string;
}

interface AssetRow {
  readonly id: string;
  readonly terms: { readonly kind: number; readonly units: string };
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
    const table = await rpcCall<{ items: RewardRow[] }>(node.plan.rpcUrl, "reward_list", { epoch, limit: 500 });
    const assets = await rpcCall<{ items: AssetRow[] }>(node.plan.rpcUrl, "asset_list", { limit: 500 });
    const termsOf = new Map(assets.items.map(({ id, terms }) => [id, terms]));
    const rewards = table.items.map((row) => {
      const { kind, units } = termsOf.get(row.assetId) ?? { kind: -1, units: "" };
      return { ...row, kind, units };
    });
    return { ...record, rewards };
  } catch {
    return undefined;
  }
}
