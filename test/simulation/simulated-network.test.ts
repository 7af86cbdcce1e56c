// The simulated network does what every Transport must; its time passes only as the scheduler runs.
import { test } from "uvu";
import { Scheduler } from "../../simulation/environment/scheduler.ts";
import { seededRandom } from "../../simulation/environment/seeded-random.ts";
import { SimulatedNetwork } from "../../simulation/environment/simulated-network.ts";
import { accountId } from "../../src/primitives/index.ts";
import { transportContract } from "../contract/transport.ts";

transportContract(test, "simulated network", {
  wholeAnswers: true,
  async connect(count) {
    const random = seededRandom("contract");
    const scheduler = new Scheduler({ startMs: 0, random: random.stream("schedule") });
    const network = new SimulatedNetwork({ scheduler, random: random.stream("network"), latencyMs: () => 20 });
    const accounts = Array.from({ length: count }, (_, index) => accountId(new Uint8Array(32).fill(index + 1)));
    for (const account of accounts) network.add(account);
    const peers = accounts.map((account, index) => ({ account, transport: network.transport(index, { alive: true }) }));
    const until = async (done: () => boolean): Promise<void> => scheduler.run(scheduler.nowMs + 10_000, done);
    return {
      peers,
      async settle(work) {
        let settled = false;
        const marked = work.finally(() => {
          settled = true;
        });
        marked.catch(() => {});
        await until(() => settled);
        return marked;
      },
      async eventually(what, holds) {
        for (let tries = 0; tries < 200 && !holds(); tries++) await scheduler.run(scheduler.nowMs + 50);
        if (!holds()) throw new Error(`not within 10 s of virtual time: ${what}`);
      },
      pause: (ms) => scheduler.run(scheduler.nowMs + ms),
      within(ms) {
        const controller = new AbortController();
        scheduler.after(ms, "deadline", () => controller.abort(new Error("too late")));
        return controller.signal;
      },
      async stop() {},
    };
  },
});

test.run();
