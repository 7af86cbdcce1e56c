// A node of consensus alone: the real driver over the ports of one life and an application.
import type { Timing } from "../../src/consensus/index.ts";
import type { Verifier } from "../../src/crypto/index.ts";
import type { Application, Signer, Store } from "../../src/ports/index.ts";
import type { NetworkId } from "../../src/primitives/index.ts";
import { createDriver, type Observed } from "../../src/runtime/driver/index.ts";
import type { ComposedNode, NodePorts } from "./simulated-node.ts";

export interface ConsensusNodeOptions extends Observed {
  readonly signer: Signer;
  readonly verifier: Verifier;
  readonly networkId: NetworkId;
  readonly timing: Timing;
  readonly application: (store: Store) => Application;
}

/** For SimulatedNode's `compose`. */
export const consensusNode =
  ({ application, ...rest }: ConsensusNodeOptions) =>
  (ports: NodePorts): ComposedNode => {
    const driver = createDriver({ ...rest, ...ports, application: application(ports.store) });
    return { driver, start: () => driver.start() };
  };
