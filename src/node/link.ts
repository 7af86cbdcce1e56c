// What this machine's line carries, as far as it is known, and how much of it audits may take. A line's own speed cannot be
// measured without another machine: it is what the operator declares, or at most what the interfaces say.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../config/index.ts";

export interface Link {
  readonly name: string;
  readonly mbit: number;
}

const textOf = async (path: string): Promise<string> => (await readFile(path, "utf8").catch(() => "")).trim();

/** As Linux shows them; none elsewhere. `root` is for tests. */
export async function linksOf(root = "/sys/class/net"): Promise<readonly Link[]> {
  const names = await readdir(root).catch(() => []);
  const links: Link[] = [];
  for (const name of names.sort()) {
    const mbit = Number(await textOf(join(root, name, "speed")));
    const up = (await textOf(join(root, name, "operstate"))) === "up";
    if (name !== "lo" && up && Number.isInteger(mbit) && mbit > 0) links.push({ name, mbit });
  }
  return links;
}

export interface AuditRate {
  /** Mbit/s that answers to audits may take together; 0: no limit, for neither line nor offer is known. */
  readonly mbit: number;
  /** The line, declared or found; 0: unknown. */
  readonly linkMbit: number;
  /** What is offered is more than audits may take: they would find less. */
  readonly short: boolean;
}

/** No audit counts more than what was registered: what goes beyond it is for the clock of whoever measures. */
const offerHeadroom = 1.25;

/** How much of its line a node gives to audits: the share that is set, and never much more than what it offers. */
export function auditRateOf({ network, assets }: Config, links: readonly Link[]): AuditRate {
  const linkMbit = network.linkMbit > 0 ? network.linkMbit : Math.max(0, ...links.map(({ mbit }) => mbit));
  const share = Math.max(1, Math.floor((linkMbit * network.auditSharePercent) / 100));
  const offer = Math.ceil(assets.bandwidthMbit * offerHeadroom);
  const bounds = [linkMbit > 0 ? share : 0, offer].filter((bound) => bound > 0);
  return {
    mbit: Math.min(...(bounds.length > 0 ? bounds : [0])),
    linkMbit,
    short: linkMbit > 0 && assets.bandwidthMbit > share,
  };
}
