// What the watch sees of a report that is owed, over a real chain of blocks: owed by whoever is drawn, with assets to audit or none.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { NodeWatch } from "../../src/node/watch-node.ts";
import type { Sight } from "../../src/runtime/alerts/alert-rules.ts";
import { dutyView } from "../../src/runtime/whole/index.ts";
import { quietLog, quietMetrics } from "../support/quiet-ports.ts";
import { TestChain, type TestOperator } from "../support/test-chain.ts";

test("an operator that had nothing to audit owes its report until it is committed to", async () => {
  const chain = await TestChain.create();
  const [{ account }] = chain.operators as [TestOperator];
  const seen: Sight[] = [];
  let tick: () => void = () => {};
  const watch = new NodeWatch({
    application: chain.app,
    view: dutyView(chain.app, { account } as never),
    board: { look: (sight: Sight) => void seen.push(sight) } as never,
    clock: {
      nowMs: () => 0,
      at(_: number, run: () => void) {
        tick = run;
        return () => {};
      },
    } as never,
    account,
    status: () => ({ syncing: false }) as never,
    peers: () => 0,
    joining: () => undefined,
    faultsOf: () => [],
    freeBytes: async () => 0,
    reserveBytes: 0,
    metrics: quietMetrics,
    log: quietLog,
  });
  watch.start();
  const look = async (): Promise<boolean | undefined> => {
    tick();
    await new Promise((wake) => setImmediate(wake));
    return seen.at(-1)?.reportOwed;
  };
  assert.is(await look(), false, "there is no epoch yet to report on");
  while (chain.height <= chain.parameters.epochBlocks) await chain.block();
  assert.equal(chain.app.queries.assignedTo(0, account), []);
  assert.is(await look(), true);
  await chain.duties((entry) => entry);
  await chain.block();
  assert.is(await look(), false, "it is committed to");
  watch.stop();
});

test.run();
