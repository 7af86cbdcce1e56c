// The storage service from outside, for test/acceptance: two processes on TCP. One seals and serves, the other audits it and stores
// a file there; then a byte is flipped on the provider's disk, and the next audit that asks for it fails and says why.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as assert from "uvu/assert";
import { sha256 } from "../../src/crypto/index.ts";
import { createVerifier, createWorkerCompute, systemClock, systemRandom } from "../../src/native/index.ts";
import { type Bytes, concatBytes, digest, fromHex, keyOf, utf8ToBytes } from "../../src/primitives/index.ts";
import { askProver } from "../../src/runtime/duties/index.ts";
import { ReceiptBook, Tenant } from "../../src/runtime/services/index.ts";
import { challengeCodec } from "../../src/schema/index.ts";
import { createStorageService } from "../../src/services/index.ts";
import { askedLeaves, shapeOf } from "../../src/services/storage/layout.ts";
import { createFileVolume } from "../../src/storage/index.ts";
import { createMemoryStore } from "./memory-store.ts";
import { quietLog } from "./quiet-ports.ts";
import { shownAsset, shownEpoch, shownView } from "./shown-storage.ts";
import { eventually, makeNode } from "./test-network.ts";

const sectorBytes = 1 << 20;

/** An asset of so many MiB. */
export async function showStorage(units: bigint): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "fairmesh-storage-"));
  try {
    await show(units, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function show(units: bigint, folder: string): Promise<void> {
  const words = ["test/support/storage-provider.ts", folder, String(units)];
  const provider = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: provider.stdout }), "line")) as [string];
  const { at, commitment } = JSON.parse(line) as { readonly at: string; readonly commitment: string };
  const { network, signer } = await makeNode(1);
  await network.start();
  try {
    await network.dial(at, AbortSignal.timeout(10_000));
    await eventually("both are bound", () => network.transport.peers().length === 1);
    const plain = shownAsset(units);
    const asset = { ...plain, terms: { ...plain.terms, dataCommitment: digest(fromHex(commitment)) } };
    const common = { view: shownView(asset), transport: network.transport, signer, verifier: createVerifier() };
    const volume = createFileVolume(join(folder, "auditor"));
    const service = createStorageService({ volume, compute: createWorkerCompute(), sectorBytes, clock: systemClock });
    let window = 0;
    const audit = (nonce: string) => {
      const asked = { assetId: asset.id, auditor: signer.accountId, nonce: sha256(utf8ToBytes(nonce)) };
      const challenge = { ...challengeCodec.empty(), ...asked, epoch: shownEpoch, window: window++ };
      return askProver({ ...common, service: () => service }, challenge, asset, AbortSignal.timeout(20_000));
    };
    for (const nonce of ["one", "two", "three"]) {
      const { finding, challenge } = await audit(nonce);
      assert.ok(finding.passed, finding.fault);
      assert.is(finding.measured, units);
      const inspected = service.inspect?.(
        { challenge, asset, activeFromEpoch: 0, draw: sha256(utf8ToBytes(nonce)) },
        finding.answer,
        AbortSignal.timeout(20_000),
      );
      assert.is(await inspected, undefined);
    }
    const store = createMemoryStore();
    const receipts = new ReceiptBook(store);
    const tenant = new Tenant({ ...common, store, receipts, random: systemRandom, log: quietLog });
    const content = concatBytes(...Array.from({ length: 3000 }, (_, i) => sha256(utf8ToBytes(`part ${i}`))));
    const source = {
      length: content.length,
      read: async (from: number, length: number) => content.subarray(from, from + length),
    };
    const blob = await tenant.put(asset.id, source);
    const back: Bytes[] = [];
    for await (const piece of tenant.get(asset.id, blob)) back.push(piece);
    assert.equal(concatBytes(...back), content);
    const pair = { assetId: asset.id, requester: signer.accountId, provider: asset.owner };
    assert.is(receipts.latest(pair)?.receipt.units, 1n);

    const [asked] = askedLeaves(sha256(utf8ToBytes("four")), shapeOf(units, sectorBytes));
    assert.ok(asked);
    const file = await open(join(folder, keyOf(asset.id), `${asked.sector}.sector`), "r+");
    const byte = new Uint8Array(1);
    await file.read(byte, 0, 1, asked.leaf * 4096 + 1234);
    await file.write(new Uint8Array([(byte[0] as number) ^ 1]), 0, 1, asked.leaf * 4096 + 1234);
    await file.close();
    const { finding, response } = await audit("four");
    assert.equal([finding.passed, finding.measured, response], [false, 0n, undefined]);
    assert.is(finding.fault, `leaf ${asked.leaf} of sector ${asked.sector} is wrong`);
  } finally {
    provider.stdin.end();
    await network.stop();
  }
}
