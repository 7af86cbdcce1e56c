// Challenges answered and checked a second. Storage: against reading the same leaves from the same files. Bandwidth: bytes that are
// made from a nonce, sent by our streams over loopback TCP and checked one by one, against a plain libp2p stream of zeros.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../../src/crypto/index.ts";
import { createWorkerCompute, systemClock } from "../../src/native/index.ts";
import { assetId, type Digest, digest, utf8ToBytes } from "../../src/primitives/index.ts";
import { type AssetTerms, assetTermsCodec, challengeCodec } from "../../src/schema/index.ts";
import { createBandwidthService, createStorageService, type Question } from "../../src/services/index.ts";
import { askedLeaves, sectorFile, shapeOf } from "../../src/services/storage/layout.ts";
import { createFileVolume } from "../../src/storage/index.ts";
import { startMesh, type TestNode } from "../support/test-network.ts";
import { plainOver } from "./answers.ts";
import { alternate, type BenchResult, perSecond } from "./measure.ts";

export const title = "storage challenges a second, against reading the same leaves; bandwidth, against a plain stream";

const sectorBytes = 4 << 20;
const units = 4n;
const challenges = 200;
const chunks = 256;
const id = assetId(sha256(utf8ToBytes("asset")));
const never = new AbortController().signal;

const nonceOf = (index: number): Digest => digest(sha256(utf8ToBytes(`nonce ${index}`)));
const questionOf = (index: number, terms: Partial<AssetTerms>): Question => ({
  challenge: { ...challengeCodec.empty(), assetId: id, nonce: nonceOf(index) },
  asset: { id, terms: { ...assetTermsCodec.empty(), units, ...terms } },
});

async function storage(): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), "fairmesh-audit-"));
  try {
    const volume = createFileVolume(folder);
    const service = createStorageService({ volume, compute: createWorkerCompute(), sectorBytes, clock: systemClock });
    const { dataCommitment } = await service.prepare({ id, units }, never, () => {});
    const run = (once: (index: number) => Promise<void>) => () =>
      perSecond(once, { total: challenges, concurrency: 4 });
    const ours = run(async (index) => {
      const question = questionOf(index, { dataCommitment });
      const { passed, fault } = await service.check(question, service.answer(question, never));
      if (!passed) throw new Error(fault);
    });
    const baseline = run(async (index) => {
      for (const { sector, leaf } of askedLeaves(nonceOf(index), shapeOf(units, sectorBytes)))
        await volume.read(sectorFile(id, sector), leaf * 4096, 4096);
    });
    return await alternate({ ours, baseline }, { rounds: 5, unit: "storage challenges a second, more is better" });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function bandwidth(): Promise<BenchResult> {
  const bytes = chunks * (256 << 10);
  const service = createBandwidthService({ clock: systemClock, chunks });
  const { nodes, stop } = await startMesh(2);
  const [auditor, prover] = nodes as [TestNode, TestNode];
  const question = questionOf(0, { units: 10_000_000n });
  prover.network.transport.onRequest("bench", (_, __, signal) => service.answer(question, signal));
  const ours = async (): Promise<number> => {
    const startedMs = performance.now();
    const { accountId } = prover.signer;
    const answer = auditor.network.transport.request(
      accountId,
      "bench",
      new Uint8Array(1),
      AbortSignal.timeout(60_000),
    );
    const { passed, fault } = await service.check(question, answer);
    if (!passed) throw new Error(fault);
    return bytes / (1 << 20) / ((performance.now() - startedMs) / 1000);
  };
  const plain = await plainOver(bytes, () => ({}));
  try {
    return await alternate({ ours, baseline: plain.run }, { rounds: 5, unit: "MiB/s, more is better" });
  } finally {
    await Promise.all([stop(), plain.stop()]);
  }
}

export async function run(): Promise<BenchResult> {
  return { ...(await storage()), bandwidth: await bandwidth() };
}
