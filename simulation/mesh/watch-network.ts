// What a local network looks like from outside, asked over RPC: the only source of the live view and the summary.
import type { Asset, EpochRecord, NodeStatus, Reward } from "../../src/client/index.ts";
import { listAll } from "../../src/client/index.ts";
import type { NodeProcess } from "./node-process.ts";

export type NodeSight = Pick<NodeStatus, "account" | "height" | "digest" | "peers" | "audits" | "alerts"> & {
  readonly checkpoint?: NodeStatus["checkpoint"];
  readonly name: string;
  readonly running: boolean;
};

/** A reward with what its asset's record says. */
interface RewardRow extends Pick<Reward, "assetId" | "owner" | "reward"> {
  readonly kind: number;
  readonly units: string;
}

export interface EpochSight extends EpochRecord {
  readonly rewards: readonly RewardRow[];
}

const nothing = { account: "", height: 0, digest: "", peers: 0, audits: { passed: 0, failed: 0 }, alerts: 0 };

/** A node that does not answer is seen at height 0. */
export async function lookAtNode(node: NodeProcess): Promise<NodeSight> {
  const { name } = node.plan;
  if (!node.running) return { ...nothing, name, running: false };
  const status = await node.client.request("node_status").catch(() => nothing);
  return { ...nothing, ...status, name, running: true };
}

/** A settled epoch with its reward table, or undefined while it is not settled. */
export async function lookAtEpoch({ client }: NodeProcess, epoch: number): Promise<EpochSight | undefined> {
  try {
    const record = await client.request("reward_getEpoch", { epoch });
    const terms = new Map<string, Asset["terms"]>();
    for await (const asset of listAll(client, "asset_list", { limit: 500 })) terms.set(asset.id, asset.terms);
    const rewards: RewardRow[] = [];
    for await (const { assetId, owner, reward } of listAll(client, "reward_list", { epoch, limit: 500 })) {
      const { kind, units } = terms.get(assetId) ?? { kind: -1, units: "" };
      rewards.push({ assetId, owner, reward, kind, units });
    }
    return { ...record, rewards };
  } catch {
    return undefined;
  }
}
