// The in-memory twin of Discovery: one board that several accounts write on and read.
import type { Discovery } from "../../src/ports/index.ts";
import {
  type AccountId,
  type AssetKind,
  type Cell,
  cellParent,
  cellResolution,
  keyOf,
} from "../../src/primitives/index.ts";

interface Entry {
  readonly account: AccountId;
  readonly kind: AssetKind;
  readonly cell: Cell;
}

export class DiscoveryBoard {
  readonly #entries = new Map<string, Entry>();

  /** What `account` sees of the board, and writes on it. */
  of(account: AccountId): Discovery {
    const own = keyOf(account);
    const key = (id: Uint8Array): string => `${keyOf(id)} ${own}`;
    return {
      provide: async ({ id, kind, cell }) => void this.#entries.set(key(id), { account, kind, cell }),
      withdraw: async (id) => void this.#entries.delete(key(id)),
      find: (query, signal) => {
        const finest = cellResolution(query.cell);
        const wanted = [...this.#entries.values()].filter(({ kind }) => kind === query.kind);
        const rings = Array.from({ length: finest - (query.widenTo ?? finest) + 1 }, (_, step) => finest - step);
        const found = rings.flatMap((resolution) =>
          wanted.filter(({ cell }) => cellParent(cell, resolution) === cellParent(query.cell, resolution)),
        );
        return others(found, own, signal);
      },
      findAsset: (id, signal) =>
        others(
          [...this.#entries].flatMap(([name, entry]) => (name.startsWith(`${keyOf(id)} `) ? [entry] : [])),
          own,
          signal,
        ),
    };
  }
}

async function* others(entries: readonly Entry[], own: string, signal: AbortSignal): AsyncIterable<AccountId> {
  const said = new Set([own]);
  for (const { account } of entries) {
    signal.throwIfAborted();
    if (!said.has(keyOf(account))) yield account;
    said.add(keyOf(account));
  }
}
