// How many sectors a seat has to make again in an epoch, worked out with the code that draws them from the parameters of testnet and
// mainnet, against how many one thread of this machine makes in as much time; and how long a look has for its own epoch's report.
// Nothing is random but the draws; only the time to seal is measured.
import { sha256 } from "../../src/crypto/index.ts";
import { createWorkerCompute, measureSealing, systemClock } from "../../src/native/index.ts";
import { assetId, bigEndian } from "../../src/primitives/index.ts";
import { assetTermsCodec, challengeCodec, type Preset, parametersOf } from "../../src/schema/index.ts";
import { createStorageService } from "../../src/services/index.ts";
import { createFileVolume } from "../../src/storage/index.ts";
import type { BenchResult } from "./measure.ts";

export const title = "sectors that a seat has to make again in an epoch, against what one thread makes in it";

/** Storage assets and operators: a young network, one that grows, and what the design is for. */
const networks = [
  { assets: 100, operators: 20 },
  { assets: 5_000, operators: 200 },
  { assets: 50_000, operators: 1_000 },
] as const;
/** Of all assets, those that were registered or changed in an epoch. */
const newShare = 0.005;
const draws = 64_000;

/** Of an asset's epochs, those in which an auditor drawn for it looks; and of its first ones, how many. */
function looks(): { readonly share: number; readonly epochsOfNew: number } {
  const volume = createFileVolume(".");
  const service = createStorageService({
    volume,
    compute: createWorkerCompute(),
    sectorBytes: 1 << 20,
    clock: systemClock,
  });
  const id = assetId(sha256(bigEndian(0)));
  const isDrawn = (epoch: number, index: number): boolean =>
    service.inspects?.({
      challenge: { ...challengeCodec.empty(), epoch },
      asset: { id, terms: assetTermsCodec.empty() },
      activeFromEpoch: 0,
      draw: sha256(bigEndian(index)),
    }) === true;
  let epochsOfNew = 0;
  while (Array.from({ length: 100 }, (_, index) => isDrawn(epochsOfNew, index)).every(Boolean)) epochsOfNew++;
  let drawn = 0;
  for (let index = 0; index < draws; index++) if (isDrawn(1_000_000, index)) drawn++;
  return { share: drawn / draws, epochsOfNew };
}

const rounded = (value: number): number => Number(value.toPrecision(3));

function rowsOf(preset: Preset, sectorSeconds: number) {
  const { auditorsPerAsset, windowsPerEpoch, epochBlocks, blockIntervalMs } = parametersOf(preset);
  const { share, epochsOfNew } = looks();
  const epochSeconds = (epochBlocks * blockIntervalMs) / 1000;
  // From the first window, which opens in the epoch's first part, to half of the next epoch's first third.
  const reportSeconds = [1 - 1 / windowsPerEpoch, 1].map((share) => Math.round(epochSeconds * (share + 1 / 12)));
  return networks.map(({ assets, operators }) => {
    const assigned = (assets * auditorsPerAsset) / operators;
    const owed = assigned * share;
    const owedOfNew = assigned * newShare * epochsOfNew;
    const made = epochSeconds / sectorSeconds;
    return {
      ...{ preset, assets, operators, audited: rounded(assigned), owed: rounded(owed), owedOfNew: rounded(owedOfNew) },
      ...{ oneThreadMakes: rounded(made), threads: rounded((owed + owedOfNew) / made), reportSeconds },
    };
  });
}

export async function run(): Promise<BenchResult> {
  const { storageUnitBytes } = parametersOf("mainnet");
  const sectorSeconds = measureSealing(storageUnitBytes, 3_000) / 1000;
  const rows = (["testnet", "mainnet"] as const).flatMap((preset) => rowsOf(preset, sectorSeconds));
  const largest = rows.at(-1) as (typeof rows)[number];
  const ours = rounded(largest.owed + largest.owedOfNew);
  return {
    ...{ ours, baseline: largest.oneThreadMakes, ratio: largest.threads, sectorSeconds: rounded(sectorSeconds) },
    unit: "sectors of 1 GiB an epoch in mainnet's largest, less than the threads that a node gives is better",
    rows,
  };
}
