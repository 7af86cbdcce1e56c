// The driver: consensus over ports, the same in the real and the simulated world. Inputs reach the core one at a time; the
// effects of a step are carried out in the order persist, lock, sign, persist, send (S-14) before the next input is taken.
// It decides nothing that the core decides, and uses no clock, timer or randomness but the ports'. Any failure of the disk,
// of the guard or of an invariant ends it: a node that cannot remember must not sign.
import { FairmeshError } from "../../primitives/index.ts";
import { DriverCore } from "./driver-core.ts";
import type { Driver, DriverOptions } from "./options.ts";
import { serveBodies, serveStatus } from "./serve.ts";
import { driverProtocols } from "./wire.ts";

/** A driver that does nothing before `start`. Exactly one may ever run over one guard. */
export function createDriver(options: DriverOptions): Driver {
  const core = new DriverCore(options);
  const { transport } = options;
  let started = false;
  return {
    async start() {
      if (started) throw new FairmeshError("ALREADY_STARTED", "a driver is started once");
      started = true;
      await core.recover();
      transport.onMessage(driverProtocols.messages, async (bytes, from) => {
        await core.ingress.receive(bytes, from);
      });
      for (const topic of ["heads", "consensus"] as const) {
        transport.onGossip(topic, async (bytes, from) =>
          from === undefined ? "ignore" : core.ingress.receive(bytes, from),
        );
      }
      transport.onRequest(driverProtocols.status, (bytes, from) => serveStatus(core.serving, bytes, from));
      transport.onRequest(driverProtocols.bodies, (bytes, from) => serveBodies(core.serving, bytes, from));
      core.begin();
    },
    stop: () => core.stop(),
    status: () => core.status(),
    termEnd: (term) => core.memory.termEnd(term),
  };
}
