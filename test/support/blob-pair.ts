// A provider and a tenant of blobs on real libp2p streams, real files and a ledger that says what a test needs.
import { createVerifier, systemRandom } from "../../src/native/index.ts";
import type { Store, Transport, Volume } from "../../src/ports/index.ts";
import { type AssetId, type Bytes, equalBytes } from "../../src/primitives/index.ts";
import { type BlobView, ReceiptBook, serveBlobs, Tenant } from "../../src/runtime/services/index.ts";
import { assetTermsCodec, parametersOf } from "../../src/schema/index.ts";
import { BlobStore } from "../../src/services/index.ts";
import { createMemoryStore } from "./memory-store.ts";
import { quietLog } from "./quiet-ports.ts";
import type { Mesh } from "./test-network.ts";
import { testNetworkId } from "./test-network.ts";

type Handle = Parameters<Transport["onRequest"]>[1];
const current = new WeakMap<Transport, Map<string, Handle>>();

/** A node has one handler a protocol: the newest pair's answers. */
function replaceable(transport: Transport): Transport {
  const handlers = current.get(transport) ?? new Map<string, Handle>();
  current.set(transport, handlers);
  return {
    ...transport,
    onRequest(protocol, handle) {
      const known = handlers.has(protocol);
      handlers.set(protocol, handle);
      if (!known) transport.onRequest(protocol, (...question) => (handlers.get(protocol) as Handle)(...question));
    },
  };
}

export interface BlobPair {
  readonly blobs: BlobStore;
  readonly tenant: Tenant;
  readonly receipts: { readonly provider: ReceiptBook; readonly tenant: ReceiptBook };
  readonly stores: { readonly provider: Store; readonly tenant: Store };
  readonly head: { height: number; epoch: number; offset: number };
}

export interface BlobPairOptions {
  readonly assetId: AssetId;
  readonly volume: Volume;
  readonly quotaBytes?: number;
  readonly assetBytes?: number;
  readonly stores?: BlobPair["stores"];
  /** A key that the tenant signs with in an epoch, when it is not its own. */
  readonly tenantKey?: (epoch: number) => Bytes | undefined;
  /** What becomes of the tenant's transport. */
  readonly through?: (transport: Transport) => Transport;
}

/** Node 0 of the mesh provides, node 1 stores. */
export async function makeBlobPair({ nodes }: Pick<Mesh, "nodes">, options: BlobPairOptions): Promise<BlobPair> {
  const [provider, other] = nodes as [Mesh["nodes"][number], Mesh["nodes"][number]];
  const head = { height: 1, epoch: 3, offset: 0 };
  const view: BlobView = {
    networkId: testNetworkId,
    parameters: parametersOf("devnet"),
    head: () => head,
    asset: (id) =>
      equalBytes(id, options.assetId)
        ? {
            id,
            owner: provider.signer.accountId,
            kind: "storage",
            terms: assetTermsCodec.empty(),
            cell: 0n as never,
            activeFromEpoch: 0,
          }
        : undefined,
    publicKey: (account, epoch) =>
      (equalBytes(account, other.signer.accountId) ? options.tenantKey?.(epoch) : undefined) ??
      nodes.find(({ signer }) => equalBytes(signer.accountId, account))?.signer.publicKey,
  };
  const stores = options.stores ?? { provider: createMemoryStore(), tenant: createMemoryStore() };
  const receipts = { provider: new ReceiptBook(stores.provider), tenant: new ReceiptBook(stores.tenant) };
  const blobs = new BlobStore({
    volume: options.volume,
    store: stores.provider,
    quotaBytes: options.quotaBytes ?? 8 << 20,
    assetBytes: () => options.assetBytes ?? 16 << 20,
  });
  await blobs.load();
  const common = { view, verifier: createVerifier(), log: quietLog };
  serveBlobs({
    ...common,
    transport: replaceable(provider.network.transport),
    signer: provider.signer,
    receipts: receipts.provider,
    blobs,
  });
  const { transport } = other.network;
  const tenant = new Tenant({
    ...common,
    transport: options.through?.(transport) ?? transport,
    signer: other.signer,
    receipts: receipts.tenant,
    store: stores.tenant,
    random: systemRandom,
  });
  return { blobs, tenant, receipts, stores, head };
}
