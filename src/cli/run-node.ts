// Runs a node until it is told to end, for `fairmesh start`. A node whose peers let go of the blocks that it needs, because it
// slept or was cut off for long, is begun anew in the same process: only at its beginning does a node join by state.
import type { NodeOptions, RunningNode } from "../node/index.ts";

type Hooks = Pick<NodeOptions, "onFailure" | "onLeftBehind">;
type Runnable = Pick<RunningNode, "log" | "start" | "stop">;

/** Settles once the node is stopped after `told`; rejects, the node stopped, with what it could not go on for. */
export async function runNode(create: (hooks: Hooks) => Promise<Runnable>, told: Promise<void>): Promise<void> {
  // At one height once: where a join does not help, a second would not either.
  let leftBehindAt = -1;
  for (let again = true; again; ) {
    const ended = Promise.withResolvers<boolean>();
    // It may fail while it still starts.
    ended.promise.catch(() => undefined);
    const node = await create({
      onFailure: ended.reject,
      onLeftBehind(height) {
        if (height <= leftBehindAt) return;
        leftBehindAt = height;
        ended.resolve(true);
      },
    });
    try {
      await node.start();
      again = await Promise.race([told.then(() => false), ended.promise]);
      if (again) node.log.warn("this node begins anew, to join by state", { height: leftBehindAt });
    } finally {
      await node.stop();
    }
  }
}
