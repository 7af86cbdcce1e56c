// How long a vote takes to reach six other seats, from handing it over to the last handler: over direct streams against gossip
// alone, in the same mesh, one vote at a time and its bytes never the same (S-8).
import { randomBytes } from "node:crypto";
import { keyOf } from "../../src/primitives/index.ts";
import { startMesh } from "../support/test-network.ts";
import { alternate, type BenchResult } from "./measure.ts";

export const title = "milliseconds until a vote has reached six seats, over direct streams against gossip alone";

const seats = 7;
const voteBytes = 3_450;
const votesPerRound = 40;

export async function run(): Promise<BenchResult> {
  const { nodes, stop } = await startMesh(seats);
  const pending = new Map<string, { left: number; done: () => void }>();
  const arrived = (bytes: Uint8Array): void => {
    const each = pending.get(keyOf(bytes.subarray(0, 8)));
    if (each !== undefined && --each.left === 0) each.done();
  };
  for (const { network } of nodes) {
    network.transport.onMessage("votes", async (bytes) => arrived(bytes));
    network.transport.onGossip("consensus", async (bytes) => {
      arrived(bytes);
      return "accept";
    });
  }
  const round = async (send: (from: number, bytes: Uint8Array) => Promise<unknown>): Promise<number> => {
    let totalMs = 0;
    for (let vote = 0; vote < votesPerRound; vote++) {
      const bytes = randomBytes(voteBytes);
      const startedMs = performance.now();
      const all = new Promise<void>((done) => {
        pending.set(keyOf(bytes.subarray(0, 8)), { left: seats - 1, done });
        setTimeout(done, 5_000).unref();
      });
      await send(vote % seats, bytes);
      await all;
      totalMs += performance.now() - startedMs;
    }
    return totalMs / votesPerRound;
  };
  const direct = (from: number, bytes: Uint8Array): Promise<unknown> => {
    const { transport } = (nodes[from] as (typeof nodes)[0]).network;
    const signal = AbortSignal.timeout(5_000);
    return Promise.all(
      nodes.flatMap(({ signer }, to) =>
        to === from ? [] : [transport.send(signer.accountId, "votes", bytes, signal)],
      ),
    );
  };
  const gossip = async (from: number, bytes: Uint8Array): Promise<void> =>
    nodes[from]?.network.transport.publish("consensus", bytes);
  // gossipsub needs a heartbeat or two until its mesh stands.
  await new Promise((wake) => setTimeout(wake, 2_000));
  const result = await alternate(
    { ours: () => round(direct), baseline: () => round(gossip) },
    { rounds: 5, unit: "ms, less is better" },
  );
  await stop();
  return { ...result, seats, voteBytes };
}
