// Storage and bandwidth on real files and real workers: honest answers pass, each way to be wrong fails with its reason.
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../src/crypto/index.ts";
import { createWorkerCompute } from "../../src/native/index.ts";
import type { Clock } from "../../src/ports/index.ts";
import { type AssetId, assetId, type Bytes, digest, keyOf, utf8ToBytes } from "../../src/primitives/index.ts";
import { assetCodec, type Challenge, challengeCodec } from "../../src/schema/index.ts";
import { createBandwidthService, createStorageService, type Question } from "../../src/services/index.ts";
import { createFileVolume } from "../../src/storage/index.ts";

const folder = await mkdtemp(join(tmpdir(), "fairmesh-services-"));
test.after(() => rm(folder, { recursive: true }));

const clock: Clock = {
  nowMs: () => performance.now(),
  monotonicMs: () => performance.now(),
  at: () => () => {},
  sleep: async () => {},
};
const sectorBytes = 256 << 10;
const id: AssetId = assetId(sha256(utf8ToBytes("asset")));
const volume = createFileVolume(folder);
const storage = createStorageService({ volume, compute: createWorkerCompute(), sectorBytes, clock });
const never = new AbortController().signal;

const challengeWith = (nonce: number): Challenge => ({
  ...challengeCodec.empty(),
  assetId: id,
  nonce: digest(sha256(utf8ToBytes(`nonce ${nonce}`))),
});
const questionOf = (nonce: number, units: bigint, dataCommitment = digest(new Uint8Array(32))): Question => ({
  challenge: challengeWith(nonce),
  asset: { id, terms: { ...assetCodec.empty().terms, units, dataCommitment } },
});
async function* only(...chunks: readonly Bytes[]): AsyncIterable<Bytes> {
  yield* chunks;
}

test("storage: sealed, answered, checked; sealed again only where something is missing", async () => {
  const heard: number[] = [];
  const { dataCommitment } = await storage.prepare({ id, units: 3n }, never, (ppm) => heard.push(ppm));
  assert.is(heard.at(-1), 1_000_000);
  for (let nonce = 0; nonce < 8; nonce++) {
    const question = questionOf(nonce, 3n, dataCommitment);
    const finding = await storage.check(question, storage.answer(question, never));
    assert.ok(finding.passed, finding.fault);
    assert.is(finding.measured, 3n);
  }
  const again = performance.now();
  const second = await storage.prepare({ id, units: 3n }, never, () => {});
  assert.equal(second.dataCommitment, dataCommitment);
  assert.ok(performance.now() - again < 500, "nothing was sealed again");
  await volume.remove(`${keyOf(id)}/1.leaves`);
  const third = await storage.prepare({ id, units: 3n }, never, () => {});
  assert.equal(third.dataCommitment, dataCommitment);
});

test("storage: a flipped byte fails whenever its leaf is asked for, and only then", async () => {
  const { dataCommitment } = await storage.prepare({ id, units: 3n }, never, () => {});
  const file = await open(join(folder, keyOf(id), "0.sector"), "r+");
  const byte = new Uint8Array(1);
  for (let leaf = 1; leaf < 64; leaf += 2) {
    await file.read(byte, 0, 1, leaf * 4096 + 17);
    byte[0] = (byte[0] as number) ^ 1;
    await file.write(byte, 0, 1, leaf * 4096 + 17);
  }
  await file.close();
  const faults: (string | undefined)[] = [];
  for (let nonce = 0; nonce < 12; nonce++) {
    const question = questionOf(nonce, 3n, dataCommitment);
    faults.push((await storage.check(question, storage.answer(question, never))).fault);
  }
  assert.ok(
    faults.some((fault) => fault !== undefined && /leaf \d+ of sector 0 is wrong/.test(fault)),
    faults.join(),
  );
  assert.ok(faults.includes(undefined));
});

test("storage: a lost sector cannot be answered, a replayed or cut answer fails", async () => {
  const { dataCommitment } = await storage.prepare({ id, units: 3n }, never, () => {});
  const first = questionOf(1, 3n, dataCommitment);
  const answers: Bytes[] = [];
  for await (const chunk of storage.answer(first, never)) answers.push(chunk);
  const answer = answers[0] as Bytes;
  assert.not((await storage.check(questionOf(2, 3n, dataCommitment), only(answer))).passed);
  assert.not((await storage.check(first, only(answer.subarray(0, 100)))).passed);
  assert.not((await storage.check(first, only())).passed);
  await volume.remove(`${keyOf(id)}/2.sector`);
  try {
    for await (const _ of storage.answer(first, never));
    assert.unreachable();
  } catch (error) {
    assert.is((error as { code: string }).code, "SECTOR_LOST");
  }
});

test("bandwidth: every byte is checked, the rate never exceeds what was registered", async () => {
  const bandwidth = createBandwidthService({ clock, chunks: 8 });
  const question = questionOf(5, 100n);
  const honest = await bandwidth.check(question, bandwidth.answer(question, never));
  assert.ok(honest.passed, honest.fault);
  assert.ok(honest.measured > 0n && honest.measured <= 100n);
  async function* tampered(): AsyncIterable<Bytes> {
    let index = 0;
    for await (const chunk of bandwidth.answer(question, never))
      yield index++ === 6 ? chunk.with(9, (chunk[9] as number) ^ 1) : chunk;
  }
  assert.is((await bandwidth.check(question, tampered())).fault, "chunk 6 is wrong");
  async function* stopping(): AsyncIterable<Bytes> {
    let index = 0;
    for await (const chunk of bandwidth.answer(question, never)) {
      if (index++ === 3) return;
      yield chunk;
    }
  }
  assert.is((await bandwidth.check(question, stopping())).fault, "ended after 3 of 8 chunks");
  const other = questionOf(6, 100n);
  assert.is((await bandwidth.check(question, bandwidth.answer(other, never))).fault, "chunk 0 is wrong");
});

test.run();
