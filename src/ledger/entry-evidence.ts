// How an auditor's entry stands among the evidence of an explanation: H(auditor, SSZ root of the entry). Settlement
// makes one for each entry, so all of an asset's are hashed together.
import { type AccountId, type Digest, digest } from "../primitives/index.ts";
import {
  type AuditedEntry,
  hashLevel,
  hashPair,
  nodeBytes,
  type ReportEntry,
  reportEntryCodec,
} from "../schema/index.ts";

export const entryEvidence = (auditor: AccountId, entry: ReportEntry): Digest =>
  digest(hashPair(auditor, reportEntryCodec.root(entry)));

/** Chunks of an entry as SSZ merkleizes it: seven fields and an empty one. */
const entryChunks = 8;

function writeEntry(view: DataView, into: Uint8Array, at: number, entry: ReportEntry): void {
  into.set(entry.assetId, at);
  view.setUint16(at + 32, entry.passed, true);
  view.setUint16(at + 64, entry.attempted, true);
  view.setBigUint64(at + 96, entry.measured, true);
  view.setUint32(at + 128, entry.latencyMs, true);
  view.setUint8(at + 160, entry.direct ? 1 : 0);
  into.set(entry.transcriptsRoot, at + 192);
}

/** `entryEvidence` of each, in order. */
export function entriesEvidence(audited: readonly AuditedEntry[]): Digest[] {
  if (audited.length === 0) return [];
  let level: Uint8Array = new Uint8Array(audited.length * entryChunks * nodeBytes);
  const view = new DataView(level.buffer);
  for (const [index, { entry }] of audited.entries()) writeEntry(view, level, index * entryChunks * nodeBytes, entry);
  for (let chunks = entryChunks; chunks > 1; chunks /= 2) level = hashLevel(level);
  const pairs = new Uint8Array(audited.length * 2 * nodeBytes);
  for (const [index, { auditor }] of audited.entries()) {
    pairs.set(auditor, index * 2 * nodeBytes);
    pairs.set(level.subarray(index * nodeBytes, (index + 1) * nodeBytes), (index * 2 + 1) * nodeBytes);
  }
  const hashed = hashLevel(pairs);
  return audited.map((_, index) => digest(hashed.slice(index * nodeBytes, (index + 1) * nodeBytes)));
}
