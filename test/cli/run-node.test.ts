// `fairmesh start` around a node: ends when told, passes on what a node failed for, begins one anew that was left behind, and
// does so once where it does not help.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runNode } from "../../src/cli/run-node.ts";
import { createMemoryLog } from "../support/memory-telemetry.ts";

type Hooks = Parameters<Parameters<typeof runNode>[0]>[0];

/** Runs nodes that do, once started, what the script says for the first, the second and so on. */
async function run(script: readonly ((hooks: Hooks, tell: () => void) => void)[]): Promise<readonly string[]> {
  const seen: string[] = [];
  const told = Promise.withResolvers<void>();
  let made = 0;
  await runNode(async (hooks) => {
    const number = ++made;
    return {
      log: createMemoryLog(),
      async start() {
        seen.push(`start ${number}`);
        script[number - 1]?.(hooks, told.resolve);
      },
      async stop() {
        seen.push(`stop ${number}`);
      },
    };
  }, told.promise).catch((error: Error) => seen.push(error.message));
  return seen;
}

test("told to end, it stops the node", async () => {
  assert.equal(await run([(_, tell) => tell()]), ["start 1", "stop 1"]);
});

test("a node that fails is stopped, and its reason comes out", async () => {
  assert.equal(await run([(hooks) => hooks.onFailure(new Error("no disk"))]), ["start 1", "stop 1", "no disk"]);
});

test("a node that was left behind begins anew, again at another height, and not twice at one", async () => {
  const seen = await run([
    (hooks) => hooks.onLeftBehind(7),
    (hooks) => {
      hooks.onLeftBehind(7);
      setTimeout(() => hooks.onLeftBehind(9), 20);
    },
    (hooks, tell) => {
      hooks.onLeftBehind(9);
      setTimeout(tell, 20);
    },
  ]);
  assert.equal(seen, ["start 1", "stop 1", "start 2", "stop 2", "start 3", "stop 3"]);
});

test.run();
