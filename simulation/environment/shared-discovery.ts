// A DHT that loses nothing and lies about nothing, shared by the nodes of a simulation: who announced what, and where.
import type { Discovery } from "../../src/ports/index.ts";
import {
  type AccountId,
  type AssetId,
  type AssetKind,
  type Cell,
  cellParent,
  cellResolution,
  keyOf,
} from "../../src/primitives/index.ts";

interface Announced {
  readonly account: AccountId;
  readonly kind: AssetKind;
  readonly cell: Cell;
}

/** Each node's door to it. */
export function sharedDiscovery(): (account: AccountId) => Discovery {
  const announced = new Map<string, Announced>();
  return (account) => ({
    async provide({ id, kind, cell }) {
      announced.set(keyOf(id), { account, kind, cell });
    },
    async withdraw(asset: AssetId) {
      announced.delete(keyOf(asset));
    },
    async *find({ kind, cell, widenTo }) {
      const finest = cellResolution(cell);
      const seen = new Set<string>();
      for (let resolution = finest; resolution >= Math.min(finest, widenTo ?? finest); resolution--) {
        const within = cellParent(cell, resolution);
        for (const each of announced.values()) {
          if (each.kind !== kind || cellParent(each.cell, resolution) !== within || seen.has(keyOf(each.account)))
            continue;
          seen.add(keyOf(each.account));
          yield each.account;
        }
      }
    },
    async *findAsset(asset) {
      const found = announced.get(keyOf(asset));
      if (found !== undefined) yield found.account;
    },
  });
}
