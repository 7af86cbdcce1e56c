// Challenges answered and checked a second. Storage: against reading the same leaves from the same files. Bandwidth: whole audits
// over loopback TCP, from the challenge to the checked signature of the response, against a plain libp2p stream of as many
// zeros; with both ends in two processes, and in one thread. Then many audits of one prover at once: what each finds.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { sha256 } from "../../src/crypto/index.ts";
import { createWorkerCompute, systemClock } from "../../src/native/index.ts";
import { assetId, type Digest, digest, utf8ToBytes } from "../../src/primitives/index.ts";
import { type AssetTerms, assetTermsCodec, challengeCodec } from "../../src/schema/index.ts";
import { chunksFor } from "../../src/services/bandwidth/bandwidth-service.ts";
import { createStorageService, type Question } from "../../src/services/index.ts";
import { askedLeaves, sectorFile, shapeOf } from "../../src/services/storage/layout.ts";
import { createFileVolume } from "../../src/storage/index.ts";
import { type End, startAuditor, startPlainReader, startPlainSender, startProver } from "../support/bandwidth-line.ts";
import { startLongPath } from "../support/long-path.ts";
import { alternate, type BenchResult, perSecond } from "./measure.ts";

export const title = "storage challenges a second, against reading the same leaves; bandwidth, against a plain stream";

const sectorBytes = 4 << 20;
const units = 4n;
const challenges = 200;
/** A transfer of 128 MiB. */
const lineUnits = 4096n;
const lineBytes = 128 << 20;
const auditorsAtOnce = 7;
const offeredMbit = 160n;
/** As a node sets it for such an offer: a quarter more. */
const limitMbit = 200n;
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

interface Ends {
  readonly prover: End;
  readonly plain: End;
}

async function compared({ prover, plain }: Ends): Promise<BenchResult> {
  const auditor = await startAuditor(1, lineUnits, prover.at);
  const reader = await startPlainReader(lineBytes, plain.at);
  const timed = async (run: () => Promise<void>): Promise<number> => {
    const startedMs = performance.now();
    await run();
    return lineBytes / (1 << 20) / ((performance.now() - startedMs) / 1000);
  };
  let nonce = 0;
  const ours = () =>
    timed(async () => {
      const { passed, fault } = await auditor.audit(`bench ${nonce++}`);
      if (!passed) throw new Error(fault);
    });
  try {
    return await alternate({ ours, baseline: () => timed(reader.read) }, { rounds: 9, unit: "MiB/s, more is better" });
  } finally {
    await Promise.all([auditor.stop(), reader.stop()]);
  }
}

async function spawnEnd(...words: readonly string[]): Promise<End> {
  const child = spawn(process.execPath, ["test/support/bandwidth-sender.ts", ...words], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const exited = once(child, "exit");
  return {
    at: (JSON.parse(line) as { readonly at: string }).at,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}

/** Both ends apart, as users have them; and both in one thread, where making, sending, receiving and checking add up. */
async function bandwidth(apart: boolean): Promise<BenchResult> {
  const ends: Ends = apart
    ? {
        prover: await spawnEnd("prover", String(lineUnits), "0"),
        plain: await spawnEnd("plain", String(lineBytes)),
      }
    : { prover: await startProver(lineUnits, 0), plain: await startPlainSender(lineBytes) };
  try {
    return await compared(ends);
  } finally {
    await Promise.all([ends.prover.stop(), ends.plain.stop()]);
  }
}

/** What mainnet's seven auditors find who ask at once, of a prover whose audits may take `limitMbit` together. */
async function atOnce(): Promise<Record<string, number>> {
  const prover = await spawnEnd("prover", String(offeredMbit), String((limitMbit * 1_000_000n) / 8n));
  const auditors = await Promise.all(
    Array.from({ length: auditorsAtOnce }, (_, index) => startAuditor(index + 1, offeredMbit, prover.at)),
  );
  try {
    const startedMs = performance.now();
    const findings = await Promise.all(auditors.map(({ audit }) => audit("at once")));
    const seconds = (performance.now() - startedMs) / 1000;
    const fault = findings.find(({ passed }) => !passed)?.fault;
    if (fault !== undefined) throw new Error(fault);
    const found = findings.map(({ measured }) => Number(measured));
    const bits = auditorsAtOnce * chunksFor(offeredMbit) * (256 << 10) * 8;
    return {
      ...{
        auditors: auditorsAtOnce,
        limitMbit: Number(limitMbit),
        offeredMbit: Number(offeredMbit),
        togetherMbit: Math.round(bits / seconds / 1e6),
      },
      ...{ leastFoundMbit: Math.min(...found), mostFoundMbit: Math.max(...found) },
    };
  } finally {
    await Promise.all([prover.stop(), ...auditors.map(({ stop }) => stop())]);
  }
}

/** What one auditor finds of the same prover over a path of 100 ms there and back. */
async function farAway(): Promise<Record<string, number>> {
  const prover = await startProver(offeredMbit, Number((limitMbit * 1_000_000n) / 8n));
  const path = await startLongPath(prover.at, 50);
  const auditor = await startAuditor(1, offeredMbit, path.at);
  try {
    const { passed, measured, fault } = await auditor.audit("far away");
    if (!passed) throw new Error(fault);
    return { limitMbit: Number(limitMbit), offeredMbit: Number(offeredMbit), foundMbit: Number(measured) };
  } finally {
    path.stop();
    await Promise.all([auditor.stop(), prover.stop()]);
  }
}

export async function run(): Promise<BenchResult> {
  return {
    ...(await storage()),
    bandwidthTwoProcesses: await bandwidth(true),
    bandwidthOneProcess: await bandwidth(false),
    auditsAtOnce: await atOnce(),
    auditOver100ms: await farAway(),
  };
}
