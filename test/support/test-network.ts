// Real libp2p nodes on loopback TCP, each with its own keys, for integration tests.
import { sha256 } from "../../src/crypto/index.ts";
import { createNativeSigner, createVerifier } from "../../src/native/index.ts";
import { createNetwork, type Network, type NetworkOptions, type NetworkParts } from "../../src/network/index.ts";
import type { Signer } from "../../src/ports/index.ts";
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
  connectionsPerHostMax: 8,
  providersOfPeerMax: 1_000,
  answersPerSecond: 0,
  answersPerPeerPerSecond: 0,
  auditsPerSecond: 0,
  mdns: false,
  relay: false,
  relayServer: false,
  upnp: false,
};

export interface TestNode {
  readonly network: Network;
  readonly signer: Signer;
}

export interface MakeNode
  extends Partial<
    Pick<NetworkParts, "transports" | "datastore" | "log" | "metrics" | "nowMs" | "verifier" | "signer" | "recordTimes">
  > {
  readonly options?: Partial<NetworkOptions>;
  readonly view?: Partial<NetworkParts["view"]>;
  readonly bindingSeq?: number;
}

const seedOf = (role: string, index: number): Uint8Array => sha256(utf8ToBytes(`${role} ${index}`));

/** Who node number `index` is, in any process. */
export const signerOf = (index: number): Signer => createNativeSigner(seedOf("account", index));

/** Node number `index` of a test: the same keys in every run. Made, not started. */
export async function makeNode(index: number, { options, view, ...rest }: MakeNode = {}): Promise<TestNode> {
  const signer = signerOf(index);
  const epoch = view?.epoch ?? ((): number => 0);
  const network = await createNetwork({
    networkId: testNetworkId,
    peerSeed: seedOf("peer", index),
    signer,
    verifier: createVerifier(),
    bindingSeq: 1,
    log: quietLog,
    metrics: quietMetrics,
    ...rest,
    options: { ...loopbackOptions, ...options },
    view: { ...{ seqMin: () => 0, keyIds: () => [], epoch, latestEpoch: epoch, mayLackKeys: () => false }, ...view },
  });
  return { network, signer: rest.signer ?? signer };
}

export interface Mesh {
  readonly nodes: readonly TestNode[];
  stop(): Promise<void>;
}

/** Nodes that are all connected to and bound with one another. */
export async function startMesh(count: number, make: (index: number) => MakeNode = () => ({})): Promise<Mesh> {
  const nodes = await Promise.all(Array.from({ length: count }, (_, index) => makeNode(index, make(index))));
  for (const { network } of nodes) await network.start();
  for (const [index, { network }] of nodes.entries()) {
    for (const earlier of nodes.slice(0, index)) {
      await network.dial(earlier.network.addresses()[0] as string, AbortSignal.timeout(10_000));
    }
  }
  await eventually("everyone is bound", () =>
    nodes.every(({ network }) => network.transport.peers().length === count - 1),
  );
  return {
    nodes,
    async stop() {
      await Promise.all(nodes.map(({ network }) => network.stop()));
    },
  };
}

/** Waits until `holds`, or throws after `timeoutMs` saying what it waited for. */
export async function eventually(what: string, holds: () => boolean, timeoutMs = 10_000): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}
