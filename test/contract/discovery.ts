// What every Discovery must do. Called with three of them that know of one another.
import type { test as uvuTest } from "uvu";
import * as assert from "uvu/assert";
import type { AssetQuery, Discovery } from "../../src/ports/index.ts";
import { type AccountId, type AssetId, assetId, cellAt, cellParent, keyOf } from "../../src/primitives/index.ts";

export interface Finder {
  readonly account: AccountId;
  readonly discovery: Discovery;
}

export interface DiscoveryFactory {
  connect(count: number): Promise<{ readonly finders: readonly Finder[]; stop(): Promise<void> }>;
  /** What was withdrawn is said no more at once; without it, only when records expire. */
  readonly forgetsAtOnce?: true;
}

const berlin = cellAt(52.5, 13.4);
/** A few kilometres away: another finest cell, the same coarse one. */
const nearby = cellAt(52.56, 13.52);
const santiago = cellAt(-33.4, -70.6);
const id = (fill: number): AssetId => assetId(new Uint8Array(32).fill(fill));

async function accounts(source: AsyncIterable<AccountId>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const each of source) found.push(keyOf(each));
  return found;
}

export function discoveryContract(test: typeof uvuTest, name: string, factory: DiscoveryFactory): void {
  let net: Awaited<ReturnType<DiscoveryFactory["connect"]>>;
  const finder = (index: number): Finder => net.finders[index] as Finder;
  const soon = (): AbortSignal => AbortSignal.timeout(15_000);
  const find = (query: AssetQuery) => accounts(finder(0).discovery.find(query, soon()));
  const key = (index: number): string => keyOf(finder(index).account);

  test(`${name}: an asset is found by its id, by whoever asks`, async () => {
    net = await factory.connect(3);
    await finder(1).discovery.provide({ id: id(1), kind: "storage", cell: berlin });
    for (const asker of [0, 2])
      assert.equal(await accounts(finder(asker).discovery.findAsset(id(1), soon())), [key(1)]);
    assert.equal(await accounts(finder(0).discovery.findAsset(id(9), soon())), []);
  });

  test(`${name}: D-3: found by kind and place at every resolution, and only there`, async () => {
    for (let resolution = 0; resolution <= 7; resolution++) {
      assert.equal(await find({ kind: "storage", cell: cellParent(berlin, resolution) }), [key(1)]);
    }
    assert.equal(await find({ kind: "bandwidth", cell: berlin }), []);
    assert.equal(await find({ kind: "storage", cell: santiago }), []);
    assert.equal(await find({ kind: "storage", cell: nearby }), []);
  });

  test(`${name}: widening finds the nearest first, each once`, async () => {
    await finder(2).discovery.provide({ id: id(2), kind: "storage", cell: nearby });
    assert.equal(await find({ kind: "storage", cell: nearby, widenTo: 0 }), [key(2), key(1)]);
    assert.equal(await find({ kind: "storage", cell: berlin, widenTo: 0 }), [key(1), key(2)]);
    assert.equal(await find({ kind: "storage", cell: berlin, widenTo: 7 }), [key(1)]);
  });

  test(`${name}: one account with many assets in a place is one answer`, async () => {
    await finder(1).discovery.provide({ id: id(3), kind: "storage", cell: berlin });
    assert.equal(await find({ kind: "storage", cell: berlin }), [key(1)]);
  });

  test(`${name}: providing again changes nothing; withdrawing one asset leaves the others`, async () => {
    await finder(1).discovery.provide({ id: id(1), kind: "storage", cell: berlin });
    await finder(1).discovery.withdraw(id(3));
    await finder(1).discovery.withdraw(id(8));
    assert.equal(await find({ kind: "storage", cell: berlin }), [key(1)]);
    if (factory.forgetsAtOnce) {
      await finder(1).discovery.withdraw(id(1));
      assert.equal(await find({ kind: "storage", cell: berlin }), []);
    }
  });

  test(`${name}: a search that is aborted ends`, async () => {
    const stop = AbortSignal.abort(new Error("enough"));
    assert.equal(await accounts(finder(0).discovery.find({ kind: "storage", cell: berlin }, stop)).catch(() => []), []);
    await net.stop();
  });
}
