// Waits for what a real node says of itself.
import type { NodeProcess } from "../../simulation/mesh/node-process.ts";
import type { NodeStatus } from "../../src/client/index.ts";

/** The first status of which `done` holds. Rejects with the last one and the end of the node's log. */
export async function until(
  node: NodeProcess,
  done: (status: NodeStatus) => boolean,
  withinMs: number,
): Promise<NodeStatus> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const status = await node.client.request("node_status").catch(() => undefined);
    if (status !== undefined && done(status)) return status;
    if (performance.now() > endMs)
      throw new Error(`${node.plan.name} is at ${JSON.stringify(status)}:\n${node.logTail()}`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}
