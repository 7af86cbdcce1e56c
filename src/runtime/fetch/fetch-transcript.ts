// What proves a pass that an auditor reported (P-3), from the auditor itself: for an asset's owner who means to appeal (P-6), and
// for whoever doubts a report. Believed only when it leads to the entry on the ledger and both signatures hold.
import type { Verifier } from "../../crypto/index.ts";
import { isTranscriptOf } from "../../ledger/index.ts";
import { type AccountId, type Bytes, type Digest, equalBytes, FairmeshError } from "../../primitives/index.ts";
import {
  type AssetState,
  type ChallengeWindow,
  challengeCodec,
  type ReportEntry,
  type ReportState,
  responseCodec,
  signingRoot,
  type Transcript,
  type TranscriptRequest,
  transcriptCodec,
  transcriptRequestCodec,
} from "../../schema/index.ts";
import type { NetworkView } from "../../validation/index.ts";
import { fetchProtocols } from "./fetch-protocols.ts";
import type { FetchParts } from "./fetch-range.ts";

/** What the ledger has on the audit: the application's queries answer it until the epoch is settled. */
export interface AuditFacts {
  report(epoch: number, auditor: AccountId): ReportState | undefined;
  reportEntry(epoch: number, auditor: AccountId, asset: TranscriptRequest["assetId"]): ReportEntry | undefined;
  windows(epoch: number): readonly ChallengeWindow[];
  asset(id: TranscriptRequest["assetId"]): AssetState | undefined;
}

export interface TranscriptParts extends FetchParts {
  readonly facts: AuditFacts;
  readonly view: Pick<NetworkView, "networkId" | "publicKey">;
  readonly verifier: Verifier;
}

async function holds(parts: TranscriptParts, request: TranscriptRequest, transcript: Transcript): Promise<boolean> {
  const { facts, view, verifier } = parts;
  const { epoch, auditor, assetId, position } = request;
  const { challenge, challengeSignature, response, responseSignature } = transcript;
  const [report, entry, asset] = [
    facts.report(epoch, auditor),
    facts.reportEntry(epoch, auditor, assetId),
    facts.asset(assetId),
  ];
  const window = facts.windows(epoch).find((open) => open.kind === challenge.kind && open.window === challenge.window);
  if (report === undefined || entry === undefined || asset === undefined || window === undefined) return false;
  if (transcript.position !== position || asset.terms.kind !== challenge.kind) return false;
  if (!isTranscriptOf(transcript, { report, entry, reveal: window.reveal, owner: asset.owner })) return false;
  const [auditorKey, proverKey] = [view.publicKey(auditor, epoch), view.publicKey(asset.owner, epoch)];
  if (auditorKey === undefined || proverKey === undefined) return false;
  const signed = (publicKey: Bytes, object: Digest, purpose: "challenge" | "response", signature: Bytes) =>
    verifier.verify({ publicKey, root: signingRoot(object, view.networkId, purpose), purpose, signature });
  return (
    (await signed(auditorKey, challengeCodec.root(challenge), "challenge", challengeSignature)) &&
    (await signed(proverKey, responseCodec.root(response), "response", responseSignature))
  );
}

/**
 * The transcript behind pass number `position` of an entry that the ledger has. Undefined when its auditor gives none; rejects
 * with `REPORT_UNKNOWN` when the ledger has no such pass (not revealed yet, settled, or never made), and with `ANSWER_FALSE`
 * when what it gave does not hold, which is reported.
 */
export async function fetchTranscript(
  parts: TranscriptParts,
  request: TranscriptRequest,
  signal: AbortSignal,
): Promise<Transcript | undefined> {
  const { facts, transport } = parts;
  const { epoch, auditor, assetId, position } = request;
  const passed = facts.reportEntry(epoch, auditor, assetId)?.passed ?? 0;
  const report = facts.report(epoch, auditor);
  if (report === undefined || !equalBytes(report.auditor, auditor) || position >= passed)
    throw new FairmeshError("REPORT_UNKNOWN", "the ledger has no such pass in a report that is not settled");
  const question = transcriptRequestCodec.encode(request);
  for await (const bytes of transport.request(auditor, fetchProtocols.transcript, question, signal)) {
    const decoded = transcriptCodec.decode(bytes);
    if (decoded.ok && (await holds(parts, request, decoded.value))) return decoded.value;
    const detail = "a transcript that is not of the pass that it reported";
    parts.onLie(auditor, detail);
    throw new FairmeshError("ANSWER_FALSE", detail);
  }
  return undefined;
}
