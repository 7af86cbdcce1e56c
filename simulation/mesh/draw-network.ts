// The live view of a local network, as text for a screen of 80 columns; only the commands to copy may be longer. Pure: what is
// shown was seen over RPC.
import Table from "cli-table3";
import pc from "picocolors";
import { assetKinds, formatCount, formatFair, formatUnits } from "../../src/primitives/index.ts";
import type { EpochSight, NodeSight } from "./watch-network.ts";

export interface Drawing {
  readonly nodes: readonly NodeSight[];
  readonly epochs: readonly EpochSight[];
  readonly seconds: number;
  readonly epochBlocks: number;
  readonly rpcUrls: readonly string[];
  /** Where the network lives, for the commands that are shown. */
  readonly folder: string;
  /** Where a node that joins finds another. */
  readonly multiaddr: string;
  readonly color: boolean;
}

type Colors = ReturnType<typeof pc.createColors>;

/** No lines between the rows: the table is read on a screen of ordinary height. */
const compact = { mid: "", "mid-mid": "", "left-mid": "", "right-mid": "" };
const percent = (ppm: number): string => `${(ppm / 10_000).toFixed(1)}%`;
const short = (text: string): string => (text.length > 11 ? `${text.slice(0, 6)}…${text.slice(-4)}` : text);

function bar(share: number, width: number): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * width);
  return "█".repeat(full) + "░".repeat(width - full);
}

const table = (head: readonly string[]) =>
  new Table({ head: [...head], chars: compact, style: { head: [], border: [] } });

function nodesTable(nodes: readonly NodeSight[], urls: readonly string[], colors: Colors): string {
  const drawn = table(["node", "height", "block", "peers", "audits", "fails", "alerts", "RPC"]);
  const warned = (count: number): string => (count > 0 ? colors.yellow(String(count)) : "0");
  for (const [index, { name, running, height, digest, peers, audits, alerts }] of nodes.entries()) {
    drawn.push([
      name,
      running ? height : colors.red("down"),
      digest.replace(/^0x/, "").slice(0, 5),
      peers,
      audits.passed,
      warned(audits.failed),
      warned(alerts),
      urls[index]?.replace("http://", "") ?? "",
    ]);
  }
  return drawn.toString();
}

export const paidIn = (epoch: EpochSight): bigint => epoch.rewards.reduce((sum, row) => sum + BigInt(row.reward), 0n);

function rewardsTable(epoch: EpochSight, nodes: readonly NodeSight[]): string {
  const drawn = table(["owner", "offers", "reward", "share"]);
  const names = new Map(nodes.map(({ account, name }) => [account, name]));
  const whole = paidIn(epoch);
  const ownerOf = ({ owner }: { readonly owner: string }): string => names.get(owner) ?? short(owner);
  const byOwner = epoch.rewards.toSorted((a, b) => ownerOf(a).localeCompare(ownerOf(b), "en", { numeric: true }));
  for (const row of byOwner) {
    const kind = assetKinds[row.kind];
    const share = whole === 0n ? 0 : Number((BigInt(row.reward) * 1_000_000n) / whole);
    const offers = kind === undefined ? "" : `${formatUnits(kind, row.units)} of ${kind}`;
    drawn.push([ownerOf(row), offers, formatFair(BigInt(row.reward)), `${bar(share / 1e6, 8)} ${percent(share)}`]);
  }
  return drawn.toString();
}

const marks = "▁▂▃▄▅▆▇█";
/** The last values as a line of marks, from 0 to the whole. */
const spark = (values: readonly number[]): string =>
  values
    .slice(-12)
    .map((ppm) => marks[Math.min(7, Math.floor((ppm * 8) / 1_000_000))])
    .join("");

function epochLines(epoch: EpochSight, paid: readonly EpochSight[]): readonly string[] {
  const [byOperator] = epoch.concentration;
  const money = (amount: string): string => formatFair(BigInt(amount));
  const ginis = paid.flatMap(({ concentration }) => concentration[0]?.giniPpm ?? []);
  return [
    `Epoch ${epoch.epoch}: assets ${formatFair(paidIn(epoch))}, auditors ${money(epoch.auditPay)}, seats ${money(epoch.committeePay)}`,
    ...(byOperator === undefined
      ? []
      : [
          `Concentration: top share ${percent(byOperator.topSharePpm)}, ${formatCount(byOperator.nakamotoThird, "operator")} ` +
            `${byOperator.nakamotoThird === 1 ? "holds" : "hold"} a third, Gini ${percent(byOperator.giniPpm)} ${spark(ginis)}`,
        ]),
  ];
}

/** Before anything is paid, people want to know whether to wait. */
function waiting(height: number, epochBlocks: number): string {
  const settles = 4 * epochBlocks;
  return height < settles
    ? `Nothing is paid yet: the first epoch in which assets count is settled in block ${settles}.`
    : "Nothing is paid yet.";
}

/** How to join: genesis proves a local network for a minute only; after that its newest term's end has to be pinned. */
function hints({ folder, multiaddr, nodes, rpcUrls }: Drawing, colors: Colors): string {
  const pin = nodes.find(({ checkpoint }) => checkpoint !== undefined)?.checkpoint;
  const pinned = pin === undefined ? "" : ` -s node.checkpoint=${pin.digest}`;
  return colors.dim(
    [
      `Dashboard:    ${rpcUrls[0] ?? ""}/  (each node's RPC address, in a browser)`,
      `Look closer:  fairmesh status -d ${folder}/node-1`,
      `              fairmesh rewards list -d ${folder}/node-1`,
      `Join:         fairmesh init -d FOLDER --genesis ${folder}/node-1/genesis.json --bootstrap ${multiaddr}`,
      `              fairmesh start -d FOLDER${pinned}`,
    ].join("\n"),
  );
}

/** The whole screen. */
export function drawNetwork(drawing: Drawing): string {
  const colors = pc.createColors(drawing.color);
  const { nodes, epochs, seconds, epochBlocks, rpcUrls } = drawing;
  const height = Math.max(...nodes.map((node) => node.height));
  const done = height === 0 ? 0 : ((height - 1) % epochBlocks) + 1;
  const paid = epochs.filter((epoch) => paidIn(epoch) > 0n);
  const last = paid.at(-1);
  const epochNow = Math.max(0, Math.floor((height - 1) / epochBlocks));
  return [
    `${colors.bold("Fairmesh devnet")}  ${seconds} s  height ${height}`,
    `epoch ${epochNow}  ${bar(done / epochBlocks, 24)}  ${done}/${epochBlocks} blocks, ${formatCount(paid.length, "epoch")} paid`,
    nodesTable(nodes, rpcUrls, colors),
    ...(last === undefined ? [waiting(height, epochBlocks)] : [...epochLines(last, paid), rewardsTable(last, nodes)]),
    hints(drawing, colors),
  ].join("\n");
}
