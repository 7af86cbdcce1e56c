// A NodeView that knows little, for tests of RPC alone; `override` says what a test needs it to know.
import { type AccountId, digest, FairmeshError, grains, networkId } from "../../src/primitives/index.ts";
import type { NodeEvent, NodeView } from "../../src/rpc/index.ts";
import { parametersOf } from "../../src/schema/index.ts";

export const fakeAccount = new Uint8Array(32).fill(1) as AccountId;
const zero = digest(new Uint8Array(32));

export function fakeNodeView(override: Partial<NodeView> = {}): NodeView {
  return {
    status: () => ({
      version: "1",
      networkId: networkId(new Uint8Array(32)),
      networkName: "test",
      account: fakeAccount,
      height: 7,
      digest: zero,
      epoch: 0,
      term: 0,
      view: 8,
      seat: undefined,
      timestampMs: 0,
      syncing: false,
      joining: undefined,
      observing: undefined,
      checkpoint: undefined,
      blocksFrom: 1,
      peers: 3,
      verifier: "native",
      uptimeMs: 5,
      audits: { passed: 1, failed: 0 },
      offers: [],
      alerts: 0,
    }),
    peers: () => [],
    addresses: () => [],
    block: () => undefined,
    certificate: () => undefined,
    committee: () => undefined,
    parameters: () => parametersOf("devnet"),
    account: () => ({
      account: fakeAccount,
      balance: grains(5n),
      nonce: 1,
      nextNonce: 1,
      keyKnown: true,
      operator: undefined,
    }),
    asset: () => undefined,
    assets: () => [],
    capacities: () => [],
    proofs: () => [],
    blobs: { put: async () => zero, get: async () => 0, remove: async () => {}, list: async () => [] },
    findAssets: async () => [],
    audits: () => [],
    transcript: async () => undefined,
    transaction: () => undefined,
    alerts: () => [],
    epochRecord: () => undefined,
    epochRecords: () => [],
    rewards: async () => undefined,
    explanation: () => undefined,
    rewardCertificate: () =>
      Promise.reject(new FairmeshError("CERTIFICATE_MISSING", "none", { fields: { reason: "reward-unknown" } })),
    submit: () => Promise.reject(new Error("the database is on fire")),
    onEvent: () => () => {},
    pastEvents: async function* () {},
    ...override,
  };
}

/** A chain of heads that grows when told to, for subscriptions. */
export function fakeChain(): { readonly view: NodeView; grow(): void; readonly listeners: number; height: number } {
  const listeners = new Set<(event: NodeEvent) => void>();
  const event = (height: number): NodeEvent => ({ topic: "heads", height, item: { height } });
  const chain = {
    height: 0,
    get listeners() {
      return listeners.size;
    },
    grow() {
      chain.height++;
      for (const listener of listeners) listener(event(chain.height));
    },
    view: fakeNodeView({
      onEvent(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      async *pastEvents(_topic, fromHeight) {
        for (let height = fromHeight; height <= chain.height; height++) yield event(height);
      },
    }),
  };
  return chain;
}
