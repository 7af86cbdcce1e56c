// Lists in pages: the cursor is the last item's id, so that a page is right whatever was added or removed meanwhile.
import { type AssetId, assetId, compareBytes, fromHex, toHex } from "../primitives/index.ts";
import { inBatches } from "./in-batches.ts";
import { RpcError } from "./rpc-error.ts";

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

type ReadPage<T> = (after: AssetId | undefined, count: number) => readonly T[] | Promise<readonly T[]>;

export async function page<T>(
  cursor: string | undefined,
  limit: number,
  read: ReadPage<T>,
  idOf: (item: T) => AssetId,
): Promise<Page<T>> {
  if (cursor !== undefined && !/^[0-9a-f]{64}$/.test(cursor)) {
    throw new RpcError("invalidParams", "the cursor is not one that was given", { reason: "cursor" });
  }
  const items = await read(cursor === undefined ? undefined : assetId(fromHex(cursor)), limit);
  const last = items.at(-1);
  return { items, nextCursor: items.length === limit && last !== undefined ? toHex(idOf(last)) : null };
}

/** A page of what has no order: those with the lowest ids above the cursor's. */
export function pageOfUnordered<T>(
  cursor: string | undefined,
  limit: number,
  all: () => Iterable<T>,
  idOf: (item: T) => AssetId,
): Promise<Page<T>> {
  const read: ReadPage<T> = async (after, count) => {
    let lowest: T[] = [];
    const byId = (a: T, b: T): number => compareBytes(idOf(a), idOf(b));
    for await (const batch of inBatches(all())) {
      const last = lowest.length < count ? undefined : lowest.at(-1);
      const nearer = batch.filter(
        (item) =>
          (after === undefined || compareBytes(idOf(item), after) > 0) && (last === undefined || byId(item, last) < 0),
      );
      if (nearer.length > 0) lowest = [...lowest, ...nearer].sort(byId).slice(0, count);
    }
    return lowest;
  };
  return page(cursor, limit, read, idOf);
}
