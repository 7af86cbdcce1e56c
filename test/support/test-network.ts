// Real libp2p nodes on loopback TCP, each with its own keys, for integration tests.
import { sha256 } from "../../src/crypto/index.ts";
import { createNativeSigner, createVerifier } from "../../src/native/index.ts";
import { createNetwork, type Network, type NetworkOptions } from "../../src/network/index.ts";
import type { Log, Signer } from "../../src/ports/index.ts";
import { type NetworkId, networkId, utf8ToBytes } from "../../src/primitives/index.ts";
import { quietLog, quietMetrics } from "./quiet-ports.ts";

export const testNetworkId: NetworkId = networkId(sha256(utf8ToBytes("test network")));

export const loopbackOptions: NetworkOptions = {
  listen: ["/ip4/127.0.0.1/tcp/0"],
  announce: [],
  bootstrap: [],
  oneMachine: true,
  strictPostQuantum: false,
  connectionsMax: 100,
  mdns: false,
  relay: false,
  relayServer: false,
  upnp: false,
};

export interface TestNode {
  readonly network: Network;
  readonly signer: Signer;
}

/** Node number `index` of a test: the same keys in every run. Made, not started. */
export async function makeNode(
  index: number,
  options: Partial<NetworkOptions> = {},
  log: Log = quietLog,
): Promise<TestNode> {
  const seed = (role: string): Uint8Array => sha256(utf8ToBytes(`${role} ${index}`));
  const signer = createNativeSigner(seed("account"));
  const network = await createNetwork({
    networkId: testNetworkId,
    options: { ...loopbackOptions, ...options },
    peerSeed: seed("peer"),
    signer,
    verifier: createVerifier(),
    view: { seqMin: () => 0, epoch: () => 0 },
    bindingSeq: 1,
    log,
    metrics: quietMetrics,
  });
  return { network, signer };
}

/** Waits until `holds`, or throws after `timeoutMs` saying what it waited for. */
export async function eventually(what: string, holds: () => boolean, timeoutMs = 10_000): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}
