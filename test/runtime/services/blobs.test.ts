// Blobs between two nodes on real streams and real files: stored, read in part, removed, gone on with after a break; receipts
// chained and countersigned on both sides; and each way in which either side can be wrong, with what comes of it.
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../../src/crypto/index.ts";
import { createNativeSigner } from "../../../src/native/index.ts";
import type { Signer, Volume } from "../../../src/ports/index.ts";
import {
  type AssetId,
  assetId,
  type Bytes,
  concatBytes,
  type Digest,
  FairmeshError,
  keyOf,
  utf8ToBytes,
  zeroDigest,
} from "../../../src/primitives/index.ts";
import type { BlobSource } from "../../../src/runtime/services/index.ts";
import { blobPieceBytes, receiptCodec, signedReceiptCodec, signingRoot } from "../../../src/schema/index.ts";
import { createFileVolume } from "../../../src/storage/index.ts";
import { type BlobPair, makeBlobPair } from "../../support/blob-pair.ts";
import { type Mesh, startMesh, testNetworkId } from "../../support/test-network.ts";

const folder = await mkdtemp(join(tmpdir(), "fairmesh-blobs-"));
let mesh: Mesh;
let count = 0;
test.before(async () => {
  mesh = await startMesh(2);
});
test.after(async () => {
  await mesh.stop();
  await rm(folder, { recursive: true });
});

const content = (length: number): Bytes => {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8)) & 255;
  return bytes;
};
const sourceOf = (bytes: Bytes): BlobSource => ({
  length: bytes.length,
  read: async (at, length) => bytes.subarray(at, at + length),
});
async function all(chunks: AsyncIterable<Bytes>): Promise<Bytes> {
  const got: Bytes[] = [];
  for await (const chunk of chunks) got.push(chunk);
  return concatBytes(...got);
}
const refusal = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "nothing was refused",
    (error: unknown) => `${(error as FairmeshError).code}: ${(error as Error).message}`,
  );

/** Each test has an asset and a folder of its own. */
async function fresh(more: Partial<Parameters<typeof makeBlobPair>[1]> = {}) {
  const id: AssetId = assetId(sha256(utf8ToBytes(`asset ${count++}`)));
  const root = join(folder, keyOf(id));
  const pair = await makeBlobPair(mesh, { assetId: id, volume: createFileVolume(root), ...more });
  const fileOf = (blob: Digest): string => join(root, keyOf(id), "blobs", keyOf(tenantId()), `${keyOf(blob)}.blob`);
  return { ...pair, id, root, fileOf };
}
const tenantId = () => (mesh.nodes[1] as Mesh["nodes"][number]).signer.accountId;
const providerId = () => (mesh.nodes[0] as Mesh["nodes"][number]).signer.accountId;
const lastReceipt = (book: BlobPair["receipts"]["provider"], id: AssetId) =>
  book.latest({ assetId: id, requester: tenantId(), provider: providerId() });

test("a blob is stored, read whole and in part, and removed; receipts are the same on both sides", async () => {
  const { tenant, blobs, receipts, id, head } = await fresh();
  const bytes = content(2 * (1 << 20) + 777);
  const heard: number[] = [];
  const blob = await tenant.put(id, sourceOf(bytes), (ppm) => heard.push(ppm));
  assert.is(heard.at(-1), 1_000_000);
  assert.equal(await all(tenant.get(id, blob)), bytes);
  for (const [at, length] of [
    [0, 1],
    [blobPieceBytes - 1, 2],
    [bytes.length - 5, 100],
    [300_000, 900_000],
    [bytes.length, 5],
  ] as const)
    assert.equal(await all(tenant.get(id, blob, { at, length })), bytes.subarray(at, at + length));
  const first = lastReceipt(receipts.provider, id);
  assert.equal(first, lastReceipt(receipts.tenant, id));
  assert.equal([first?.receipt.seq, first?.receipt.units, first?.receipt.epoch], [1, 3n, 3]);
  await tenant.put(id, sourceOf(content(5)));
  // Nothing new to sign for: the first blob's last unit has room.
  assert.is(lastReceipt(receipts.provider, id)?.receipt.seq, 1);
  head.epoch = 4;
  await tenant.onBlock();
  await until(() => lastReceipt(receipts.tenant, id)?.receipt.seq === 2);
  const second = lastReceipt(receipts.provider, id)?.receipt;
  assert.equal(second?.previous, receiptCodec.root(first?.receipt as never));
  assert.is((await receipts.provider.ofEpoch(4, id, providerId())).length, 1);
  await tenant.remove(id, blob);
  assert.match(await refusal(all(tenant.get(id, blob))), /BLOB_UNKNOWN/);
  assert.is(blobs.usedBytes(id), 5);
});

async function until(holds: () => boolean): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error("it did not come");
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

test("an upload that breaks off, and a provider that starts again, go on where they were", async () => {
  let asked = 0;
  let puts: number[] = [];
  const made = await fresh({
    through: (transport) => ({
      ...transport,
      request(to, protocol, bytes, signal) {
        if (protocol === "blob-put") {
          puts.push(bytes.length);
          if (++asked === 4) throw new FairmeshError("PEER_FAILED", "the line went dead");
        }
        return transport.request(to, protocol, bytes, signal);
      },
    }),
  });
  const bytes = content(4 << 20);
  assert.match(await refusal(made.tenant.put(made.id, sourceOf(bytes))), /line went dead/);
  // The provider's process ends and starts on the same disk.
  const again = await makeBlobPair(mesh, {
    assetId: made.id,
    volume: createFileVolume(made.root),
    stores: made.stores,
    through: (transport) => ({
      ...transport,
      request(to, protocol, question, signal) {
        if (protocol === "blob-put") puts.push(question.length);
        return transport.request(to, protocol, question, signal);
      },
    }),
  });
  puts = [];
  const blob = await again.tenant.put(made.id, sourceOf(bytes));
  assert.is(puts.filter((length) => length > 1000).length, 2, "only the missing half is sent");
  assert.equal(await all(again.tenant.get(made.id, blob)), bytes);
});

test("quotas, the asset's size and a full disk refuse before a byte is written", async () => {
  const { tenant, blobs, id } = await fresh({ quotaBytes: 3 << 20, assetBytes: 4 << 20 });
  await tenant.put(id, sourceOf(content(2 << 20)));
  assert.match(
    await refusal(tenant.put(id, sourceOf(content((1 << 20) + 1)))),
    /BLOB_QUOTA: 1048576 bytes of your quota/,
  );
  assert.is(blobs.usedBytes(id), 2 << 20);
  const small = await fresh({ assetBytes: 1 << 20 });
  assert.match(await refusal(small.tenant.put(small.id, sourceOf(content(2 << 20)))), /BLOB_SPACE/);
  const full = await fresh({ volume: { ...createFileVolume(folder), freeBytes: async () => 1000 } });
  assert.match(await refusal(full.tenant.put(full.id, sourceOf(content(2000)))), /VOLUME_FULL/);
  assert.is(full.blobs.usedBytes(full.id), 0);
});

test("a byte flipped on the provider's disk is found by both sides, and no receipt is signed", async () => {
  const { tenant, id, fileOf, receipts, head } = await fresh();
  const bytes = content(700_000);
  const blob = await tenant.put(id, sourceOf(bytes));
  const file = await open(fileOf(blob), "r+");
  await file.write(new Uint8Array([(bytes[300_000] as number) ^ 1]), 0, 1, 300_000);
  await file.close();
  assert.match(await refusal(all(tenant.get(id, blob))), /BLOB_DAMAGED: piece 1 is damaged/);
  assert.equal(await all(tenant.get(id, blob, { at: 0, length: 100 })), bytes.subarray(0, 100));
  await rm(fileOf(blob));
  head.epoch = 5;
  await tenant.onBlock();
  await new Promise((wake) => setTimeout(wake, 200));
  assert.is(lastReceipt(receipts.tenant, id)?.receipt.seq, 1);
});

test("a disk that fails or vanishes while writing costs nothing that was there", async () => {
  let writes = 0;
  let failing = true;
  const volume = createFileVolume(join(folder, "failing"));
  const flaky: Volume = {
    ...volume,
    write: (file, at, bytes) => {
      if (failing && ++writes === 7) throw new FairmeshError("VOLUME_FAILED", "an input or output error");
      return volume.write(file, at, bytes);
    },
  };
  const { tenant, id } = await fresh({ volume: flaky });
  const bytes = content(3 << 20);
  assert.match(await refusal(tenant.put(id, sourceOf(bytes))), /VOLUME_FAILED/);
  failing = false;
  const blob = await tenant.put(id, sourceOf(bytes));
  assert.equal(await all(tenant.get(id, blob)), bytes);
  await rm(join(folder, "failing"), { recursive: true });
  assert.match(await refusal(all(tenant.get(id, blob))), /VOLUME_MISSING/);
});

test("a tenant finds out a provider that sends other bytes, fewer pieces or another blob", async () => {
  let lie: "byte" | "stop" | "none" = "none";
  const { tenant, id } = await fresh({
    through: (transport) => ({
      ...transport,
      async *request(to, protocol, bytes, signal) {
        let sent = 0;
        for await (const chunk of transport.request(to, protocol, bytes, signal)) {
          if (protocol === "blob-get" && lie === "stop" && sent++ === 1) return;
          yield protocol === "blob-get" && lie === "byte" ? chunk.with(200, (chunk[200] as number) ^ 1) : chunk;
        }
      },
    }),
  });
  const bytes = content(1 << 20);
  const blob = await tenant.put(id, sourceOf(bytes));
  lie = "byte";
  assert.match(await refusal(all(tenant.get(id, blob))), /BLOB_WRONG: piece 0/);
  lie = "stop";
  assert.match(await refusal(all(tenant.get(id, blob))), /BLOB_WRONG: the provider sent 1 of 4/);
});

test("a receipt is refused when it is forged, skips, takes back, or is for what is not stored", async () => {
  const { tenant, id, receipts, head } = await fresh();
  await tenant.put(id, sourceOf(content(1 << 20)));
  const last = lastReceipt(receipts.tenant, id);
  assert.ok(last);
  const { signer, network } = mesh.nodes[1] as Mesh["nodes"][number];
  const next = { ...last.receipt, seq: 2, previous: receiptCodec.root(last.receipt), epoch: 4 };
  const send = async (receipt: typeof next, damage = 0): Promise<string> => {
    const signature = await signer.sign(signingRoot(receiptCodec.root(receipt), testNetworkId, "receipt"), "receipt");
    signature[5] = (signature[5] as number) ^ damage;
    const question = signedReceiptCodec.encode({ receipt, requesterSignature: signature });
    return refusal(all(network.transport.request(providerId(), "blob-receipt", question, AbortSignal.timeout(5000))));
  };
  head.epoch = 4;
  assert.match(await send(next, 1), /signature does not hold/);
  assert.match(await send({ ...next, seq: 3 }), /its number is 3/);
  assert.match(await send({ ...next, previous: receiptCodec.root(next) }), /does not follow/);
  assert.match(await send({ ...next, epoch: 9 }), /its epoch is 9/);
  assert.match(await send({ ...next, epoch: 3, units: 0n }), /takes units back/);
  assert.match(await send({ ...next, units: 1000n }), /not for what is stored/);
  assert.match(await send({ ...next, units: 2n }), /not for what is stored/, "one unit more than the one that is used");
  assert.match(await send({ ...next, provider: tenantId() }), /between others/);
  assert.is(await send(next), "nothing was refused");
  assert.is(await send(next), "nothing was refused", "a repeated one gets the same answer");
  head.offset = 4;
  assert.match(await send({ ...next, seq: 3, previous: receiptCodec.root(next), epoch: 3 }), /its epoch is 3/);
  assert.is(lastReceipt(receipts.provider, id)?.receipt.seq, 2);
});

test("a receipt counts by the key of its own epoch: one signed with the key before or after would spoil the whole claim", async () => {
  const later = createNativeSigner(sha256(utf8ToBytes("the tenant's next key")));
  let laterFrom = Number.POSITIVE_INFINITY;
  const tenantKey = (epoch: number) => (epoch >= laterFrom ? later.publicKey : undefined);
  const { tenant, id, receipts, head } = await fresh({ tenantKey });
  const { signer, network } = mesh.nodes[1] as Mesh["nodes"][number];
  await tenant.put(id, sourceOf(content(1 << 20)));
  const last = lastReceipt(receipts.tenant, id);
  assert.ok(last);
  const send = async (epoch: number, by: Signer): Promise<string> => {
    const receipt = { ...last.receipt, seq: 2, previous: receiptCodec.root(last.receipt), epoch };
    const requesterSignature = await by.sign(
      signingRoot(receiptCodec.root(receipt), testNetworkId, "receipt"),
      "receipt",
    );
    const question = signedReceiptCodec.encode({ receipt, requesterSignature });
    return refusal(all(network.transport.request(providerId(), "blob-receipt", question, AbortSignal.timeout(5000))));
  };
  laterFrom = 5;
  head.epoch = 4;
  assert.match(
    await send(5, signer),
    /signature does not hold/,
    "of the next epoch, with the key that ends with this one",
  );
  laterFrom = 4;
  assert.match(
    await send(3, later),
    /signature does not hold/,
    "of the epoch before, with the key that began with this one",
  );
  assert.is(await send(3, signer), "nothing was refused");
});

test("what nobody signed for is removed after its time, and a tenant without its receipts goes on from the provider's", async () => {
  const { tenant, blobs, id, receipts, stores, head, root } = await fresh();
  await tenant.put(id, sourceOf(content(100)));
  await stores.tenant.batch([{ space: "receipts", key: concatBytes(id, tenantId(), providerId()) }], { sync: true });
  head.epoch = 4;
  await tenant.onBlock();
  await until(() => lastReceipt(receipts.tenant, id)?.receipt.seq === 2);
  assert.is(await blobs.prune(4), 0, "a receipt keeps it");
  assert.is(await blobs.prune(5), 1);
  assert.is(blobs.usedBytes(id), 0);
  assert.equal(await createFileVolume(root).list(`${keyOf(id)}/blobs/${keyOf(tenantId())}`), []);
});

test("room that was asked for and not filled is nothing to sign for, and is not kept by what is", async () => {
  const { tenant, blobs, id, receipts, head } = await fresh();
  const { signer, network } = mesh.nodes[1] as Mesh["nodes"][number];
  const owner = { assetId: id, tenant: tenantId() };
  const promised = { length: 5 << 20, root: sha256(content(7)) };
  await blobs.put(owner, promised, { first: 0, pieces: [], epoch: head.epoch });
  const sign = async (units: bigint): Promise<string> => {
    const last = lastReceipt(receipts.provider, id)?.receipt;
    const previous = last === undefined ? zeroDigest : receiptCodec.root(last);
    const receipt = {
      ...{ assetId: id, requester: tenantId(), provider: providerId(), epoch: head.epoch, units, previous },
      seq: (last?.seq ?? 0) + 1,
    };
    const root = signingRoot(receiptCodec.root(receipt), testNetworkId, "receipt");
    const question = signedReceiptCodec.encode({ receipt, requesterSignature: await signer.sign(root, "receipt") });
    return refusal(all(network.transport.request(providerId(), "blob-receipt", question, AbortSignal.timeout(5000))));
  };
  assert.match(await sign(1n), /not for what is stored here/);
  await tenant.put(id, sourceOf(content(100)));
  assert.is(lastReceipt(receipts.provider, id)?.receipt.units, 1n);
  head.epoch = 5;
  assert.match(await sign(2n), /not for what is stored here/);
  assert.is(await sign(1n), "nothing was refused");
  assert.is(blobs.usedBytes(id), promised.length + 100);
  assert.is(await blobs.prune(4, 4), 1);
  assert.is(blobs.usedBytes(id), 100);
});

test("receipts asked for at once follow one another", async () => {
  const { tenant, id, receipts, head } = await fresh();
  await tenant.put(id, sourceOf(content(100)));
  head.epoch = 4;
  // A renewal behind the blocks, and two uploads that end beside it.
  await tenant.onBlock();
  await Promise.all([tenant.put(id, sourceOf(content(1 << 20))), tenant.put(id, sourceOf(content(2 << 20)))]);
  await until(() => lastReceipt(receipts.tenant, id)?.receipt.units === 4n);
  assert.equal(lastReceipt(receipts.tenant, id), lastReceipt(receipts.provider, id));
});

test("a receipt that could not be had after an upload is asked for again at the next block", async () => {
  let broken = false;
  const { tenant, id, receipts } = await fresh({
    through: (transport) => ({
      ...transport,
      request(to, protocol, bytes, signal) {
        if (broken && protocol === "blob-space") throw new FairmeshError("PEER_FAILED", "the line went dead");
        return transport.request(to, protocol, bytes, signal);
      },
    }),
  });
  await tenant.onBlock();
  broken = true;
  assert.match(await refusal(tenant.put(id, sourceOf(content(100)))), /line went dead/);
  broken = false;
  await tenant.onBlock();
  await until(() => lastReceipt(receipts.provider, id)?.receipt.units === 1n);
});

test("a blob that is being written is not pruned, whatever its age, and keeps no other from it", async () => {
  const { tenant, blobs, id, head } = await fresh();
  const late = tenant.put(id, sourceOf(content(4 << 20)));
  await until(() => blobs.usedBytes(id) === 4 << 20);
  // It is busy most of the time, and idle between two questions.
  let removed = 0;
  for (let i = 0; i < 20 && removed === 0; i++) removed += await blobs.prune(head.epoch);
  assert.is(removed, 0, "it was begun in this epoch");
  const busy = blobs.put(
    { assetId: id, tenant: tenantId() },
    { length: 5, root: sha256(content(5)) },
    { first: 0, pieces: [], epoch: 0 },
  );
  assert.is(await blobs.prune(1), 0);
  await busy;
  assert.is(await blobs.prune(1), 1);
  await late;
  assert.is(blobs.usedBytes(id), 4 << 20);
});

test.run();
