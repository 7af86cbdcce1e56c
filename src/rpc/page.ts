// Lists in pages: the cursor is the last item's id, so that a page is right whatever was added or removed meanwhile.
import { type AssetId, assetId, fromHex, toHex } from "../primitives/index.ts";
import { RpcError } from "./rpc-error.ts";

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export function page<T>(
  cursor: string | undefined,
  limit: number,
  read: (after: AssetId | undefined, count: number) => readonly T[],
  idOf: (item: T) => AssetId,
): Page<T> {
  if (cursor !== undefined && !/^[0-9a-f]{64}$/.test(cursor)) {
    throw new RpcError("invalidParams", "the cursor is not one that was given", { reason: "cursor" });
  }
  const items = read(cursor === undefined ? undefined : assetId(fromHex(cursor)), limit);
  const last = items.at(-1);
  return { items, nextCursor: items.length === limit && last !== undefined ? toHex(idOf(last)) : null };
}
