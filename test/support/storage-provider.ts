// A process that seals a storage asset, answers audits of it and holds blobs, for show-storage.ts. Takes its folder
// and the asset's units; says where it listens and what it sealed as a line of JSON; ends with its input.

import { createVerifier, createWorkerCompute, systemClock } from "../../src/native/index.ts";
import { digest } from "../../src/primitives/index.ts";
import { serveAudits } from "../../src/runtime/duties/audit-exchange.ts";
import { ReceiptBook, serveBlobs } from "../../src/runtime/services/index.ts";
import { BlobStore, createStorageService } from "../../src/services/index.ts";
import { createFileVolume } from "../../src/storage/index.ts";
import { createMemoryStore } from "./memory-store.ts";
import { quietLog } from "./quiet-ports.ts";
import { shownAsset, shownView } from "./shown-storage.ts";
import { makeNode } from "./test-network.ts";

const [folder, units] = process.argv.slice(2) as [string, string];
const volume = createFileVolume(folder);
const { network, signer } = await makeNode(0);
const asset = shownAsset(BigInt(units));
const service = createStorageService({
  volume,
  compute: createWorkerCompute(),
  sectorBytes: 1 << 20,
  clock: systemClock,
});
const never = new AbortController().signal;
const { dataCommitment } = await service.prepare({ id: asset.id, units: BigInt(units) }, never, () => {});
const view = shownView({ ...asset, terms: { ...asset.terms, dataCommitment: digest(dataCommitment) } });
const parts = { view, transport: network.transport, signer, verifier: createVerifier() };
serveAudits({ ...parts, service: () => service });
const store = createMemoryStore();
const blobs = new BlobStore({ volume, store, quotaBytes: 8 << 20, assetBytes: () => Number(units) << 20 });
serveBlobs({ ...parts, blobs, receipts: new ReceiptBook(store), log: quietLog });
await network.start();
process.stdout.write(
  `${JSON.stringify({ at: network.addresses()[0], commitment: Buffer.from(dataCommitment).toString("hex") })}\n`,
);
process.stdin.on("end", () => void network.stop().then(() => process.exit(0))).resume();
