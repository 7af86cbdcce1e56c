// A sealed sector: MiB a second that sealing makes, against the bare AES-256-CBC of the same machine doing the same number of
// bytes, one after another, which nobody on such a core can beat. Beside it a sector of 1 GiB sealed once and whole (minutes),
// what answering a challenge takes, and what cheaters who keep something else still have to do, in multiples of the deadline.
import { createCipheriv } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sealPasses, sectorLeafBytes, sha256 } from "../../src/crypto/index.ts";
import { createWorkerCompute, sealSector, systemClock } from "../../src/native/index.ts";
import { assetId, digest, utf8ToBytes } from "../../src/primitives/index.ts";
import { assetTermsCodec, challengeCodec } from "../../src/schema/index.ts";
import { createStorageService, type Question, storageDeadlineMs } from "../../src/services/index.ts";
import { createFileVolume } from "../../src/storage/index.ts";
import { keepChain, keepGreedy, keepUnits, strategies } from "../support/sealing-strategies.ts";
import { type Kept, lineOf, serialLeft } from "../support/sealing-work.ts";
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

/** As many bytes in one chain, which cannot be split among cores. */
async function bareAes(): Promise<number> {
  const startedMs = performance.now();
  const piece = new Uint8Array(mebibyte);
  const cipher = createCipheriv("aes-256-cbc", new Uint8Array(32), new Uint8Array(16)).setAutoPadding(false);
  for (let done = 0; done < sealPasses * sectorBytes; done += mebibyte) cipher.update(piece);
  return perSecond(startedMs);
}

/** A sector as the testnet and mainnet have it, really. */
function secondsOfWholeGiB(): { readonly wall: number; readonly processor: number } {
  const [startedMs, used] = [performance.now(), process.cpuUsage()];
  sealSector(sha256(utf8ToBytes("whole")), 1024 * mebibyte, () => {});
  const { user, system } = process.cpuUsage(used);
  return { wall: (performance.now() - startedMs) / 1000, processor: (user + system) / 1e6 };
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

const shareOf = (share: number): number => Number(share.toPrecision(3));

/** For budgets in shares of a sector: what each strategy leaves of a sealing, one AES call after another, on a sector of `units`. */
function attacks(units: number): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const line = lineOf(units);
  const found: Record<string, Record<string, number>> = {};
  for (const part of [1 / 2, 1 / 4, 1 / 8]) {
    const bytes = units * sectorLeafBytes * part;
    const kept = { ...strategies(line, bytes), "greedy search": () => keepGreedy(line, bytes) };
    found[part] = Object.fromEntries(
      Object.entries(kept).map(([name, make]) => [name, shareOf(serialLeft(line, make()).least)]),
    );
  }
  return found;
}

/** The strategies that small sectors show to matter, on a sector of 1 GiB. */
function attacksOfGiB(): Readonly<Record<string, number>> {
  const line = lineOf((1024 * mebibyte) / sectorLeafBytes);
  const left = (kept: Kept): number => shareOf(serialLeft(line, kept, 2).least);
  const bytes = (part: number): number => 1024 * mebibyte * part;
  return {
    "half, chain values": left(keepChain(line, bytes(1 / 2))),
    "quarter, chain values": left(keepChain(line, bytes(1 / 4))),
    "eighth, chain values": left(keepChain(line, bytes(1 / 8))),
    "half, one unit in so many of every pass": left(keepUnits(line, bytes(1 / 2), (t) => t % (2 * sealPasses) === 0)),
  };
}

export async function run(): Promise<BenchResult> {
  const result = await alternate(
    { ours: sealing, baseline: bareAes },
    { rounds: 5, unit: "MiB/s of sector, higher is better" },
  );
  const answerMs = await answering();
  const whole = secondsOfWholeGiB();
  const bareSeconds = 1024 / result.baseline;
  const leftToCheatersOfGiB = attacksOfGiB();
  const deadlines = (seconds: number): number => Number((seconds / (storageDeadlineMs / 1000)).toPrecision(3));
  return {
    ...result,
    leftToCheatersOf4MiB: attacks(1024),
    leftToCheatersOfGiB,
    answerMs: Number(answerMs.toPrecision(3)),
    secondsToSealGiB: Number(whole.wall.toPrecision(4)),
    processorSecondsToSealGiB: Number(whole.processor.toPrecision(4)),
    secondsOfBareAesForGiB: Number(bareSeconds.toPrecision(4)),
    deadlinesToSealGiB: deadlines(whole.wall),
    deadlinesOfBareAesForGiB: deadlines(bareSeconds),
    deadlinesLeftToCheatersOfGiB: Object.fromEntries(
      Object.entries(leftToCheatersOfGiB).map(([name, share]) => [name, deadlines(share * bareSeconds)]),
    ),
  };
}
