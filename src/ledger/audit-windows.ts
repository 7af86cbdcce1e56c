// Where an epoch's challenges are made and what they ask (P-2), and which entries of a report must be shown (P-3).
// Used by execution, and by the duties of a node that audits, so that both mean the same.
import { sha256 } from "../crypto/index.ts";
import {
  type AccountId,
  type AssetId,
  assetKinds,
  type Bytes,
  bigEndian,
  type Digest,
  equalBytes,
  fromBigEndian,
  utf8ToBytes,
} from "../primitives/index.ts";
import type { ChallengeWindow, EpochState, Parameters, ReportState } from "../schema/index.ts";
import type { BlockTime } from "./network-time.ts";

/** The windows that the block with this reveal opens, one a kind whose window of this part is not open yet (P-2). */
export function openedWindows(
  epoch: EpochState,
  block: { readonly time: BlockTime; readonly reveal: Digest },
  p: Parameters,
): readonly ChallengeWindow[] {
  const length = Math.floor(p.epochBlocks / p.windowsPerEpoch);
  const window = Math.floor(block.time.offset / length);
  const left = length - 1 - (block.time.offset % length);
  if (window >= p.windowsPerEpoch || left < p.windowBlocks) return [];
  const last = left === p.windowBlocks;
  return assetKinds
    .map((_, kind) => kind)
    .filter((kind) => !epoch.windows.some((open) => open.kind === kind && open.window === window))
    .filter((kind) => last || chance(sha256(block.reveal, Uint8Array.of(kind))) < BigInt(p.windowOpenPpm))
    .map((kind) => ({ kind, window, height: block.time.height, reveal: block.reveal }));
}

const chance = (digest: Digest): bigint => fromBigEndian(digest.subarray(0, 8)) % 1_000_000n;

/** P-2: what nobody knew before the window's block, and nobody but the auditor until it reports. */
export const challengeNonce = (from: {
  readonly reveal: Digest;
  readonly secret: Digest;
  readonly assetId: AssetId;
  readonly auditor: AccountId;
  readonly index: number;
}): Digest => sha256(from.reveal, from.secret, from.assetId, from.auditor, bigEndian(from.index));

export const secretStepsMax = 1024;

/** The auditor secret of an epoch hashes to the last one disclosed in as many steps as epochs lie between (P-2). */
export function isSecretOf(
  operator: { readonly auditorCommitment: Digest; readonly auditorEpoch: number },
  epoch: number,
  secret: Digest,
): boolean {
  const steps = epoch - operator.auditorEpoch + 1;
  if (steps < 1 || steps > secretStepsMax) return false;
  let value: Bytes = secret;
  for (let step = 0; step < steps; step++) value = sha256(value);
  return equalBytes(value, operator.auditorCommitment);
}

/** Which preimage of the auditor's chain is the secret of `epoch`: reveals are counted by epochs from its first one. */
export const secretIndex = (chainFromEpoch: number, epoch: number): number => epoch - chainFromEpoch;

export interface DrawnEntry {
  readonly part: number;
  readonly index: number;
  /** Turned into the number of a pass by the entry's passes: `position % passed`. */
  readonly position: number;
}

const drawNumber = (reveal: Digest, auditor: AccountId, label: string, at: number): number =>
  Number(fromBigEndian(sha256(utf8ToBytes(label), reveal, auditor, bigEndian(at)).subarray(0, 6)));

/** The entries of a report whose transcripts must be filed (P-3); several draws may hit one entry. */
export function drawnEntries(report: ReportState, drawReveal: Digest, count: number): readonly DrawnEntry[] {
  const total = report.counts.reduce((sum, entries) => sum + entries, 0);
  if (total === 0) return [];
  return Array.from({ length: count }, (_, at) => {
    let index = drawNumber(drawReveal, report.auditor, "entry", at) % total;
    let part = 0;
    while (index >= (report.counts[part] as number)) index -= report.counts[part++] as number;
    return { part, index, position: drawNumber(drawReveal, report.auditor, "position", at) };
  });
}
