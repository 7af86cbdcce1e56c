// A sealed sector: MiB a second that sealing makes, against the bare AES-256-CBC of the same machine doing the same number of
// bytes, which nobody who re-makes a sector on one core can beat. Beside it what answering a challenge takes, and the floor
// under re-making a sector of 1 GiB, in multiples of the deadline.
import { createCipheriv } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sealPasses, sha256 } from "../../src/crypto/index.ts";
import { createWorkerCompute, sealSector, systemClock } from "../../src/native/index.ts";
import { assetId, digest, utf8ToBytes } from "../../src/primitives/index.ts";
import { assetTermsCodec, challengeCodec } from "../../src/schema/index.ts";
import { createStorageService, type Question, storageDeadlineMs } from "../../src/services/index.ts";
import { createFileVolume } from "../../src/storage/index.ts";
import { sealingOf, workOf } from "../support/sealing-work.ts";
import { alternate, type BenchResult, median } from "./measure.ts";

export const title =
  "MiB a second that sealing makes, against bare AES-CBC of as many bytes; time to answer; cost of re-making";

const mebibyte = 1 << 20;
const sectorBytes = 16 * mebibyte;
const answers = 50;

const perSecond = (startedMs: number): number => sectorBytes / mebibyte / ((performance.now() - startedMs) / 1000);

async function sealing(): Promise<number> {
  const startedMs = performance.now();
  sealSector(sha256(utf8ToBytes(String(startedMs))), sectorBytes, () => {});
  return perSecond(startedMs);
}

/** One chain of AES-CBC over the sector for each of the two encryptions of a pass: it cannot be split among cores. */
async function bareAes(): Promise<number> {
  const startedMs = performance.now();
  const piece = new Uint8Array(mebibyte);
  const cipher = createCipheriv("aes-256-cbc", new Uint8Array(32), new Uint8Array(16)).setAutoPadding(false);
  for (let done = 0; done < 2 * sealPasses * sectorBytes; done += mebibyte) cipher.update(piece);
  return perSecond(startedMs);
}

async function answering(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "fairmesh-seal-"));
  try {
    const service = createStorageService({
      volume: createFileVolume(folder),
      compute: createWorkerCompute(),
      sectorBytes,
      clock: systemClock,
    });
    const id = assetId(sha256(utf8ToBytes("asset")));
    const units = 8n;
    const signal = new AbortController().signal;
    const { dataCommitment } = await service.prepare({ id, units }, signal, () => {});
    const times: number[] = [];
    for (let nonce = 0; nonce < answers; nonce++) {
      const question: Question = {
        challenge: { ...challengeCodec.empty(), assetId: id, nonce: digest(sha256(utf8ToBytes(`nonce ${nonce}`))) },
        asset: { id, terms: { ...assetTermsCodec.empty(), units, dataCommitment } },
      };
      const startedMs = performance.now();
      for await (const _ of service.answer(question, signal));
      times.push(performance.now() - startedMs);
    }
    return median(times);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Shares of a sealing of 1 GiB that are left to whoever keeps half a sector's room otherwise (test/support/sealing-work.ts). */
function attacks(): Readonly<Record<string, { readonly serial: number; readonly encryptions: number }>> {
  const blocks = 16_384;
  const sealing = sealingOf(blocks);
  const final = (block: number): number => sealing.value(sealPasses - 1, block);
  const all = Array.from({ length: blocks }, (_, block) => block);
  const left = (kept: readonly number[]) => {
    const { serial, total } = workOf(sealing, kept);
    const held = new Set(kept);
    const missing = all.map(final).filter((value) => !held.has(value));
    const share = (count: number): number => Number((count / (blocks * sealPasses)).toPrecision(3));
    const least = missing.reduce((low, value) => Math.min(low, serial[value] as number), blocks * sealPasses);
    return { serial: share(least), encryptions: share(total(missing.at(-1) as number)) };
  };
  const sampled = Array.from({ length: sealPasses }, (_, pass) =>
    all.filter((block) => (block + pass * 7) % (2 * sealPasses) === 0).map((block) => sealing.value(pass, block)),
  ).flat();
  return {
    nothing: left([]),
    firstHalf: left(all.slice(0, blocks / 2).map(final)),
    everyOther: left(all.filter((block) => block % 2 === 0).map(final)),
    sevenEighths: left(all.filter((block) => block % 8 !== 7).map(final)),
    halfOfAnotherPass: left(all.slice(0, blocks / 2).map((block) => sealing.value(11, block))),
    sampledFromEveryPass: left(sampled),
  };
}

export async function run(): Promise<BenchResult> {
  const result = await alternate(
    { ours: sealing, baseline: bareAes },
    { rounds: 5, unit: "MiB/s of sector, higher is better" },
  );
  const answerMs = await answering();
  const seconds = (rate: number): number => Number((1024 / rate).toPrecision(4));
  return {
    ...result,
    leftToCheaters: attacks(),
    answerMs: Number(answerMs.toPrecision(3)),
    secondsToSealGiB: seconds(result.ours),
    secondsOfBareAesForGiB: seconds(result.baseline),
    deadlinesToSealGiB: Number((seconds(result.ours) / (storageDeadlineMs / 1000)).toPrecision(3)),
    deadlinesOfBareAesForGiB: Number((seconds(result.baseline) / (storageDeadlineMs / 1000)).toPrecision(3)),
  };
}
