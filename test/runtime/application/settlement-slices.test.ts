// R-12 on a node's event loop: a block's share of a settlement is worked in slices, and ends as if it were not.
import "../../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { blockTime, freezeOffset } from "../../../src/ledger/index.ts";
import { toHex } from "../../../src/primitives/index.ts";
import { TestChain } from "../../support/test-chain.ts";

const rootOf = ({ app }: TestChain): string => toHex(app.queries.head().header.stateRoot);

test("other work goes on between two slices, and the state is the same", async () => {
  let breaths = 0;
  const breathe = async (): Promise<void> => {
    breaths++;
    await new Promise((settle) => setImmediate(settle));
  };
  const chain = await TestChain.create({ application: { breathe } });
  const plain = await TestChain.create();
  const breathed: number[] = [];
  for (const each of [chain, plain])
    for (let count = 0; count < 20; count++) for (const owner of each.operators) await each.registerAsset(owner);
  for (let height = 1; height <= 4 * chain.parameters.epochBlocks; height++) {
    const before = breaths;
    await chain.block();
    await plain.block();
    if (breaths > before) breathed.push(height);
  }
  assert.is(rootOf(chain), rootOf(plain));
  assert.ok(chain.assets.length >= 80 && chain.app.queries.epochRecord(2) !== undefined);
  const settling = freezeOffset(chain.parameters);
  assert.ok(breathed.length > 0 && breathed.every((height) => blockTime(height, chain.parameters).offset >= settling));
});

test.run();
