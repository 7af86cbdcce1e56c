// What subscribers hear of a settled epoch with many rewards: all of them, in parts between which their sockets are served.
import { setImmediate } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nodeEvents } from "../../src/node/node-events.ts";
import { assetId, bigEndian, compareBytes } from "../../src/primitives/index.ts";
import type { NodeEvent } from "../../src/rpc/index.ts";
import { rewardLeafCodec } from "../../src/schema/index.ts";

test("a large table is told in parts, each reward once", async () => {
  const table = Array.from({ length: 1000 }, (_, at) => ({
    ...rewardLeafCodec.empty(),
    assetId: assetId(bigEndian(at, 32)),
  }));
  let commit: (committed: unknown) => void = () => {};
  const { onEvent } = nodeEvents({
    application: {
      parameters: { epochBlocks: 24 },
      queries: {
        head: () => ({ header: { height: 100 } }),
        block: () => undefined,
        rewardTable: async (_: number, { after, limit }: { after?: Uint8Array; limit: number }) =>
          table.filter((leaf) => after === undefined || compareBytes(leaf.assetId, after) > 0).slice(0, limit),
      },
      onCommit: (run: typeof commit) => {
        commit = run;
      },
    },
    capacity: { onAdvertisement: () => {} },
    alerts: { onChange: () => {} },
  } as never);
  const heard: NodeEvent[] = [];
  onEvent((event) => heard.push(event));
  commit({ facts: { height: 100 }, record: { epoch: 2 } });
  const rewards = () => heard.filter(({ topic }) => topic === "rewards");
  let most = 0;
  for (let turn = 0; turn < 50; turn++) {
    const before = rewards().length;
    await setImmediate();
    most = Math.max(most, rewards().length - before);
  }
  assert.equal(
    rewards().map(({ item }) => Number((item as { assetId: Uint8Array }).assetId.at(-1))),
    table.map((_, at) => at & 255),
  );
  assert.ok(most <= 512, `${most} were told in one turn`);
});

test.run();
