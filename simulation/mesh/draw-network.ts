// The live view and the summary of a local network, as text. Pure: what is shown was seen over RPC.
import Table from "cli-table3";
import pc from "picocolors";
import { assetKinds, formatFair } from "../../src/primitives/index.ts";
import type { EpochSight, NodeSight } from "./watch-network.ts";

export interface Drawing {
  readonly nodes: readonly NodeSight[];
  readonly epochs: readonly EpochSight[];
  readonly seconds: number;
  readonly epochBlocks: number;
  readonly rpcUrls: readonly string[];
  readonly color: boolean;
}

const plain = { head: [], border: [] };
const percent = (ppm: number): string => `${(ppm / 10_000).toFixed(1)}%`;
const short = (text: string): string => (text.length > 16 ? `${text.slice(0, 10)}…${text.slice(-4)}` : text);

function bar(share: number, width: number): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * width);
  return "█".repeat(full) + "░".repeat(width - full);
}

function nodesTable(nodes: readonly NodeSight[], urls: readonly string[]): string {
  const table = new Table({
    head: ["node", "height", "epoch", "view", "peers", "audits", "block", "RPC"],
    style: plain,
  });
  for (const [index, node] of nodes.entries()) {
    const audits = `${node.audits.passed} ok${node.audits.failed > 0 ? `, ${node.audits.failed} failed` : ""}`;
    table.push([
      node.name,
      node.running ? node.height : "down",
      node.epoch,
      node.view,
      node.peers,
      audits,
      short(node.digest),
      urls[index] ?? "",
    ]);
  }
  return table.toString();
}

function rewardsTable(epoch: EpochSight): string {
  const table = new Table({ head: ["asset", "kind", "units", "owner", "reward"], style: plain });
  for (const row of epoch.rewards) {
    const reward = formatFair(BigInt(row.reward));
    table.push([short(row.assetId), assetKinds[row.kind] ?? "", row.units, short(row.owner), reward]);
  }
  return table.toString();
}

export const paidIn = (epoch: EpochSight): bigint => epoch.rewards.reduce((sum, row) => sum + BigInt(row.reward), 0n);

function epochLines(epoch: EpochSight): readonly string[] {
  const [byOperator] = epoch.concentration;
  const fairness =
    byOperator === undefined
      ? ""
      : `Gini ${percent(byOperator.giniPpm)}, top share ${percent(byOperator.topSharePpm)}, Nakamoto (1/3) ${byOperator.nakamotoThird}`;
  return [
    `Epoch ${epoch.epoch}: ${formatFair(paidIn(epoch))} to assets, ${formatFair(BigInt(epoch.auditPay))} to auditors, ${formatFair(BigInt(epoch.committeePay))} to seats`,
    `  ${fairness}`,
  ];
}

/** The whole screen. */
export function drawNetwork(drawing: Drawing): string {
  const colors = pc.createColors(drawing.color);
  const height = Math.max(...drawing.nodes.map((node) => node.height));
  const done = height === 0 ? 0 : ((height - 1) % drawing.epochBlocks) + 1;
  const paid = drawing.epochs.filter((epoch) => epoch.rewards.some((row) => row.reward !== "0"));
  const last = paid.at(-1) ?? drawing.epochs.at(-1);
  return [
    `${colors.bold("Fairmesh devnet")}  ${drawing.seconds} s  height ${height}`,
    `epoch ${Math.max(0, Math.floor((height - 1) / drawing.epochBlocks))}  ${bar(done / drawing.epochBlocks, 24)}  ${done}/${drawing.epochBlocks} blocks, ${paid.length} epochs paid`,
    nodesTable(drawing.nodes, drawing.rpcUrls),
    ...(last === undefined ? ["No epoch is settled yet."] : [...epochLines(last), rewardsTable(last)]),
    "",
  ].join("\n");
}
