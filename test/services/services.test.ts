// Storage and bandwidth on real files and real workers: honest answers pass, each way to be wrong fails with its reason.
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createMemoryVolume } from "../../simulation/environment/memory-volume.ts";
import { sha256 } from "../../src/crypto/index.ts";
import { createWorkerCompute, sectorTree } from "../../src/native/index.ts";
import type { Clock, Compute, Volume } from "../../src/ports/index.ts";
import {
  type AssetId,
  assetId,
  type Bytes,
  concatBytes,
  digest,
  keyOf,
  utf8ToBytes,
} from "../../src/primitives/index.ts";
import { assetCodec, type Challenge, challengeCodec } from "../../src/schema/index.ts";
import { chunksFor } from "../../src/services/bandwidth/bandwidth-service.ts";
import {
  createBandwidthService,
  createStorageService,
  type Inspection,
  type Question,
  type Service,
} from "../../src/services/index.ts";
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
  await volume.remove(`${keyOf(id)}/1.tree`);
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

test("storage: an answer reads leaves and paths only, however many sectors there are", async () => {
  const many = assetId(sha256(utf8ToBytes("many")));
  const sectors = 20;
  let read = 0;
  const counted: Volume = {
    ...volume,
    read: (file, at, length) => {
      read += length;
      return volume.read(file, at, length);
    },
  };
  const parts = { volume: counted, compute: createWorkerCompute(), sectorBytes: 256 << 10, clock };
  const service = createStorageService(parts);
  const { dataCommitment } = await service.prepare({ id: many, units: BigInt(sectors) }, never, () => {});
  const empty = questionOf(3, BigInt(sectors), dataCommitment);
  const question = { challenge: { ...empty.challenge, assetId: many }, asset: { ...empty.asset, id: many } };
  read = 0;
  const finding = await service.check(question, service.answer(question, never));
  assert.ok(finding.passed, finding.fault);
  // Four leaves of 4 KiB, and a digest for each of 6 levels within a sector and 5 above.
  assert.is(read, 4 * (4096 + 11 * 32));
});

test("storage: a commitment to anything but sealed sectors passes challenges and fails the inspection", async () => {
  const honest = questionOf(4, 3n, (await storage.prepare({ id, units: 3n }, never, () => {})).dataCommitment);
  const answerOf = async (service: Service, question: Question): Promise<Bytes> => {
    for await (const chunk of service.answer(question, never)) return chunk;
    throw new Error("no answer");
  };
  const inspectionOf = (question: Question, draw = 0): Inspection => ({
    ...question,
    activeFromEpoch: 2,
    draw: sha256(utf8ToBytes(`draw ${draw}`)),
  });
  const inspect = (service: Service, question: Question, answer: Bytes, draw = 0) =>
    service.inspect?.(inspectionOf(question, draw), answer, never);
  for (const draw of [0, 1, 2, 3, 4, 5])
    assert.is(await inspect(storage, honest, await answerOf(storage, honest), draw), undefined);
  const cheap: Compute = {
    async run(_task, input) {
      const sector = new Uint8Array(sectorBytes).fill(input[0] as number);
      return concatBytes(sector, sectorTree(sector));
    },
  };
  const cheat = createStorageService({ volume: createMemoryVolume(), compute: cheap, sectorBytes, clock });
  const { dataCommitment } = await cheat.prepare({ id, units: 3n }, never, () => {});
  const question = questionOf(4, 3n, dataCommitment);
  const answer = await answerOf(cheat, question);
  assert.ok((await storage.check(question, only(answer))).passed);
  assert.match((await inspect(storage, question, answer)) ?? "", /sector \d is not what sealing makes/);
  const isInspected = (epoch: number, draw: number): boolean =>
    storage.inspects?.(inspectionOf({ ...question, challenge: { ...question.challenge, epoch } }, draw)) === true;
  const drawn = (epoch: number): number =>
    Array.from({ length: 640 }, (_, draw) => isInspected(epoch, draw)).filter(Boolean).length;
  assert.equal([2, 3, 4].map(drawn), [640, 640, 640], "while a commitment is new every auditor looks each epoch");
  const later = drawn(5);
  assert.ok(later > 5 && later < 45, `one in 32 later, ${later} of 640`);
});

test("bandwidth: the rate is that of the later half, whatever a line's windows cost the first", async () => {
  let nowMs = 0;
  const chunkMbit = 2.097152;
  const transfer = async (gapsMs: readonly number[]) => {
    const bandwidth = createBandwidthService({ clock: { ...clock, monotonicMs: () => nowMs }, chunks: gapsMs.length });
    const question = questionOf(1, 1000n);
    async function* arriving(): AsyncIterable<Bytes> {
      let at = 0;
      for await (const chunk of bandwidth.answer(question, never)) {
        nowMs += gapsMs[at++] as number;
        yield chunk;
      }
    }
    return (await bandwidth.check(question, arriving())).measured;
  };
  const [slow, quick] = [400, 20];
  const rateAt = (gapMs: number) => BigInt(Math.floor((chunkMbit * 1000) / gapMs));
  assert.is(await transfer([slow, slow, slow, slow, quick, quick, quick, quick]), rateAt(quick));
  assert.is(await transfer([quick, quick, quick, quick, slow, slow, slow, slow]), rateAt(slow));
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

test("bandwidth: a transfer is a quarter of a second at the registered rate, up to 256 MiB, and two of slow lines", async () => {
  assert.equal([1n, 3n, 8n, 64n, 65n, 1000n, 100_000n].map(chunksFor), [2, 3, 8, 8, 9, 125, 1024]);
  const bandwidth = createBandwidthService({ clock });
  const question = questionOf(7, 200n);
  const seen = new Set<string>();
  for await (const chunk of bandwidth.answer(question, never)) seen.add(keyOf(sha256(chunk)));
  assert.is(seen.size, 25, "no chunk is like another");
  assert.ok((await bandwidth.check(question, bandwidth.answer(question, never))).passed);
  const less = createBandwidthService({ clock, chunks: 24 });
  assert.is((await bandwidth.check(question, less.answer(question, never))).fault, "ended after 24 of 25 chunks");
});

test.run();
