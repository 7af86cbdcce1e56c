// The libp2p adapter over TCP, WebSocket and memory, and the in-memory twins, do what every Transport and Discovery must.
import { memory } from "@libp2p/memory";
import { test } from "uvu";
import { accountId } from "../../src/primitives/index.ts";
import { discoveryContract } from "../contract/discovery.ts";
import { type TransportNet, transportContract } from "../contract/transport.ts";
import { DiscoveryBoard } from "../support/memory-discovery.ts";
import { MemoryNetwork } from "../support/memory-transport.ts";
import { eventually, type MakeNode, startMesh } from "../support/test-network.ts";

const realTime: Omit<TransportNet, "peers" | "stop"> = {
  settle: (work) => work,
  eventually,
  pause: (ms) => new Promise((wake) => setTimeout(wake, ms)),
  within: (ms) => AbortSignal.timeout(ms),
};

const twinAccounts = (count: number) =>
  Array.from({ length: count }, (_, index) => accountId(new Uint8Array(32).fill(index + 1)));

transportContract(test, "in memory", {
  async connect(count) {
    const network = new MemoryNetwork();
    const peers = twinAccounts(count).map((account) => ({ account, transport: network.join(account) }));
    return { ...realTime, peers, async stop() {} };
  },
});

discoveryContract(test, "in memory", {
  forgetsAtOnce: true,
  async connect(count) {
    const board = new DiscoveryBoard();
    return {
      finders: twinAccounts(count).map((account) => ({ account, discovery: board.of(account) })),
      async stop() {},
    };
  },
});

const adapters: readonly (readonly [string, (index: number) => MakeNode])[] = [
  ["libp2p over TCP", () => ({})],
  ["libp2p over WebSocket", () => ({ options: { listen: ["/ip4/127.0.0.1/tcp/0/ws"] } })],
  ["libp2p in memory", (index) => ({ options: { listen: [`/memory/contract-${index}`] }, transports: [memory()] })],
];

for (const [name, make] of adapters) {
  transportContract(test, name, {
    async connect(count) {
      const { nodes, stop } = await startMesh(count, make);
      return {
        ...realTime,
        stop,
        peers: nodes.map(({ signer, network }) => ({ account: signer.accountId, transport: network.transport })),
      };
    },
  });
}

discoveryContract(test, "libp2p's DHT", {
  async connect(count) {
    const { nodes, stop } = await startMesh(count);
    return {
      stop,
      finders: nodes.map(({ signer, network }) => ({ account: signer.accountId, discovery: network.discovery })),
    };
  },
});

test.run();
