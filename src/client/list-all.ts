// Lists that come in pages, item by item.
import type { Client } from "./create-client.ts";
import type { Methods, Page } from "./methods.ts";

type Listed = {
  [M in keyof Methods]: Methods[M] extends {
    readonly params: { readonly cursor?: string };
    readonly result: Page<unknown>;
  }
    ? M
    : never;
}[keyof Methods];
type ItemOf<M extends Listed> = Methods[M]["result"] extends Page<infer T> ? T : never;

/** Every item of a list, a page at a time as they are asked for. */
export async function* listAll<M extends Listed>(
  client: Client,
  method: M,
  params: Omit<Methods[M]["params"], "cursor">,
): AsyncIterable<ItemOf<M>> {
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const asked = cursor === undefined ? params : { ...params, cursor };
    const page = (await client.request(method, asked as never)) as unknown as Page<ItemOf<M>>;
    yield* page.items;
    cursor = page.nextCursor;
  }
}
