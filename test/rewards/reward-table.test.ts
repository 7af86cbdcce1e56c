// The reward table's root, made page by page, is the SSZ root of the list of leaves at every edge of a page, and every branch
// leads there.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../src/crypto/index.ts";
import { bigEndian, toHex, utf8ToBytes } from "../../src/primitives/index.ts";
import { createTableBranches } from "../../src/rewards/index.ts";
import { createTableRoot } from "../../src/rewards/reward-table.ts";
import { type RewardLeaf, rewardLeafCodec, rewardTableType } from "../../src/schema/index.ts";

const digestOf = (label: string, at: number) => sha256(utf8ToBytes(label), bigEndian(at)) as never;
const leafOf = (at: number): RewardLeaf => ({
  assetId: digestOf("asset", at),
  owner: digestOf("owner", at),
  beneficiary: digestOf("beneficiary", at),
  cappedWeight: (BigInt(at) << 70n) + 5n,
  coverage: BigInt(at) as never,
  reward: (BigInt(at) * 3n) as never,
  explanationRoot: digestOf("why", at),
});
const page = 4096;
const leaves = Array.from({ length: 3 * page + 7 }, (_, at) => leafOf(at));

function rootFrom(leaf: RewardLeaf, index: number, branch: readonly Uint8Array[]): string {
  let node: Uint8Array = rewardLeafCodec.root(leaf);
  // The last node is the length, which stands on the right.
  for (const [level, sibling] of branch.entries())
    node = (index >> level) % 2 === 1 ? sha256(sibling, node) : sha256(node, sibling);
  return toHex(node);
}

for (const count of [0, 1, 2, 5, page - 1, page, page + 1, 2 * page, 3 * page + 7]) {
  test(`${count} leaves`, () => {
    const some = leaves.slice(0, count);
    const table = createTableRoot();
    for (const leaf of some) table.add(leaf);
    const root = toHex(table.root());
    assert.is(root, toHex(rewardTableType.hashTreeRoot(some)));
    const branches = createTableBranches(some);
    for (const index of [0, 1, page - 1, page, count - 1].filter((at) => at >= 0 && at < count))
      assert.is(rootFrom(some[index] as RewardLeaf, index, branches.branch(index)), root, `leaf ${index}`);
  });
}

test.run();
