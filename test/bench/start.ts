// From the start of a process to a node that listens, and its memory at rest: the network adapter with its peer store on disk,
// against plain libp2p with the same services. Each figure is of a process of its own.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { alternate, type BenchResult, median } from "./measure.ts";

export const title = "milliseconds from process start to a listening node and memory at rest, against plain libp2p";

const probe = fileURLToPath(new URL("../support/start-probe.ts", import.meta.url));
const rounds = 7;

interface Probed {
  readonly readyMs: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
}

async function start(kind: "ours" | "plain", probed: Probed[]): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [probe, kind]);
  const figures = JSON.parse(stdout) as Probed;
  probed.push(figures);
  return figures.readyMs;
}

export async function run(): Promise<BenchResult> {
  const probed = { ours: [] as Probed[], baseline: [] as Probed[] };
  const result = await alternate(
    { ours: () => start("ours", probed.ours), baseline: () => start("plain", probed.baseline) },
    { rounds, unit: "ms, less is better" },
  );
  const rss = (of: readonly Probed[]): number => Math.round(median(of.map(({ rssMiB }) => rssMiB)));
  const [ours, baseline] = [rss(probed.ours), rss(probed.baseline)];
  return {
    ...result,
    oursRssMiB: ours,
    baselineRssMiB: baseline,
    rssRatio: Math.round((ours / baseline) * 1000) / 1000,
  };
}
