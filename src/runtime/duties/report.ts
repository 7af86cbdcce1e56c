// An auditor's report of an epoch (P-3) from its findings: one entry an asset, and what is filed when an entry is drawn.
// Pure: the same findings give the same report, so a restart between commit and reveal changes nothing.
import { sha256 } from "../../crypto/index.ts";
import {
  type AssetId,
  bigEndian,
  compareBytes,
  concatBytes,
  type Digest,
  digest,
  equalBytes,
  keyOf,
  utf8ToBytes,
} from "../../primitives/index.ts";
import {
  branchOf,
  lengthNode,
  levelsOf,
  type ReportEntry,
  responseCodec,
  type Transcript,
  transcriptsDepth,
  transcriptsType,
} from "../../schema/index.ts";
import type { StoredFinding } from "./findings.ts";

const responseRoots = (findings: readonly StoredFinding[]): Digest[] =>
  findings.flatMap(({ transcript }) => transcript.map(({ response }) => responseCodec.root(response)));

function entryOf(assetId: AssetId, findings: readonly StoredFinding[]): ReportEntry {
  const passes = findings.filter((finding) => finding.passed);
  const measured = passes.map((finding) => finding.measured).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const latencies = passes.map((finding) => finding.latencyMs).sort((a, b) => a - b);
  return {
    assetId,
    passed: passes.length,
    attempted: findings.length,
    // The lower median of what was measured in the passes: one lucky or unlucky transfer does not decide.
    measured: measured[(measured.length - 1) >> 1] ?? 0n,
    latencyMs: latencies[(latencies.length - 1) >> 1] ?? 0,
    direct: passes.length > 0,
    transcriptsRoot: transcriptsType.hashTreeRoot(responseRoots(passes)) as Digest,
  };
}

/** The entries of a report, by asset id. */
export function reportEntries(findings: readonly StoredFinding[]): readonly ReportEntry[] {
  const byAsset = new Map<string, StoredFinding[]>();
  for (const finding of findings) {
    const key = keyOf(finding.assetId);
    byAsset.set(key, [...(byAsset.get(key) ?? []), finding]);
  }
  return [...byAsset.values()]
    .map((ofAsset) => entryOf((ofAsset[0] as StoredFinding).assetId, ofAsset))
    .sort((a, b) => compareBytes(a.assetId, b.assetId));
}

/** Hides a report until it is revealed; derived, so that nothing has to be remembered. */
export const reportSalt = (secret: Digest, epoch: number): Digest =>
  sha256(concatBytes(utf8ToBytes("report salt"), secret, bigEndian(epoch)));

/** What is filed for a drawn entry: the pass at `position`, with the way from its response to the entry's root. */
export function transcriptFor(
  findings: readonly StoredFinding[],
  assetId: AssetId,
  position: number,
): Transcript | undefined {
  const passes = findings.filter((finding) => finding.passed && equalBytes(finding.assetId, assetId));
  const transcript = passes[position]?.transcript[0];
  if (transcript === undefined) return undefined;
  const branch = branchOf(levelsOf(concatBytes(...responseRoots(passes)), transcriptsDepth), position);
  return { ...transcript, position, siblings: [...branch, lengthNode(passes.length)].map(digest) };
}
