// reportCommit, reportReveal and transcript (P-3): an auditor's findings on an epoch, filed in the next one.
// Whether an entry's asset was the auditor's to audit is judged when the epoch is settled, a few rows a block.
import { sha256 } from "../../crypto/index.ts";
import {
  type AccountId,
  compareBytes,
  concatBytes,
  type Digest,
  digest,
  equalBytes,
  zeroDigest,
} from "../../primitives/index.ts";
import {
  challengeCodec,
  compoundKey,
  type DrawTable,
  isBranch,
  lengthNode,
  numberKey,
  type ReportEntry,
  type ReportState,
  reportEntriesCodec,
  reportPartsMax,
  responseCodec,
  type TransactionBody,
  type Transcript,
  tables,
  transcriptsDepth,
} from "../../schema/index.ts";
import { challengeNonce, drawnEntries, isSecretOf } from "../audit-windows.ts";
import { type ExecutionContext, operatorOf } from "../execution-context.ts";
import { filingProblem } from "../filing.ts";
import type { RejectionReason } from "../reasons.ts";
import { auditorChainAt, renewed } from "./operator.ts";

type Body<K extends TransactionBody["kind"]> = TransactionBody<K>["value"];

export const reportKey = (epoch: number, auditor: AccountId) => compoundKey(epoch, auditor);
export const reportPartKey = (epoch: number, auditor: AccountId, part: number) => compoundKey(epoch, auditor, part);

/** What an auditor commits to before it reveals. */
export const reportCommitment = (partRoots: readonly Uint8Array[], salt: Uint8Array) =>
  sha256(concatBytes(...partRoots), salt);

/** Whether an operator is in the table from which an epoch's auditors are drawn. */
export const isInTable = (table: DrawTable | undefined, id: AccountId): boolean =>
  table?.entries.some((entry) => equalBytes(entry.operator, id)) ?? false;

export function reportCommit(
  ctx: ExecutionContext,
  sender: AccountId,
  body: Body<"reportCommit">,
): RejectionReason | undefined {
  const wrong = filingProblem("reportCommit", body.epoch, ctx);
  if (wrong !== undefined) return wrong;
  if (!isInTable(ctx.draft.read(tables.drawTables, numberKey(body.epoch)), sender)) return "not-drawn";
  const key = reportKey(body.epoch, sender);
  if (ctx.draft.read(tables.reports, key) !== undefined) return "report-exists";
  ctx.draft.write(tables.reports, key, {
    epoch: body.epoch,
    auditor: sender,
    commitment: body.commitment,
    parts: 0,
    revealed: 0,
    filed: 0,
    secret: zeroDigest,
    counts: [],
  });
  return undefined;
}

function entriesProblem(entries: readonly ReportEntry[]): RejectionReason | undefined {
  for (const [index, entry] of entries.entries()) {
    const before = entries[index - 1];
    if (before !== undefined && compareBytes(before.assetId, entry.assetId) >= 0) return "report-order";
    if (entry.passed > entry.attempted || entry.passed > 2 ** transcriptsDepth) return "report-entry";
  }
  return undefined;
}

/** The report as it stands once this part is in; the first part to arrive fixes the number of parts and the secret. */
function withPart(report: ReportState, body: Body<"reportReveal">): ReportState | RejectionReason {
  const parts = body.partRoots.length;
  if (parts === 0 || parts > reportPartsMax || body.part >= parts) return "report-part";
  if (((report.revealed >>> body.part) & 1) === 1) return "report-exists";
  if (!equalBytes(reportCommitment(body.partRoots, body.salt), report.commitment)) return "report-mismatch";
  if (!equalBytes(reportEntriesCodec.root(body.entries), body.partRoots[body.part] as Uint8Array))
    return "report-mismatch";
  if (report.parts > 0 && !equalBytes(report.secret, body.secret)) return "secret-wrong";
  const counts = report.parts > 0 ? report.counts.slice() : new Array<number>(parts).fill(0);
  counts[body.part] = body.entries.length;
  return { ...report, parts, revealed: (report.revealed | (1 << body.part)) >>> 0, secret: body.secret, counts };
}

export const isComplete = (report: ReportState): boolean =>
  report.parts > 0 && report.revealed === 2 ** report.parts - 1;

export function reportReveal(
  ctx: ExecutionContext,
  sender: AccountId,
  body: Body<"reportReveal">,
): RejectionReason | undefined {
  const wrong = filingProblem("reportReveal", body.epoch, ctx) ?? entriesProblem(body.entries);
  if (wrong !== undefined) return wrong;
  const found = operatorOf(ctx.draft, sender);
  const report = ctx.draft.read(tables.reports, reportKey(body.epoch, sender));
  if (report === undefined || found === undefined) return "report-unknown";
  const next = withPart(report, body);
  if (typeof next === "string") return next;
  const operator = renewed(found, body.epoch);
  const chain = auditorChainAt(operator, body.epoch);
  if (report.parts === 0 && !isSecretOf(chain, body.epoch, body.secret)) return "secret-wrong";
  const disclosed = { auditorCommitment: body.secret, auditorEpoch: body.epoch + 1 };
  const first = report.parts > 0 || chain !== operator ? {} : disclosed;
  const reportedEpochs = isComplete(next) ? body.epoch + 1 : operator.reportedEpochs;
  ctx.draft.write(tables.reports, reportKey(body.epoch, sender), next);
  ctx.draft.write(tables.reportParts, reportPartKey(body.epoch, sender, body.part), { entries: body.entries });
  ctx.draft.write(tables.operators, sender, { ...operator, ...first, reportedEpochs });
  return undefined;
}

export function transcript(
  ctx: ExecutionContext,
  sender: AccountId,
  body: Body<"transcript">,
): RejectionReason | undefined {
  const wrong = filingProblem("transcript", body.epoch, ctx);
  if (wrong !== undefined) return wrong;
  const key = reportKey(body.epoch, sender);
  const report = ctx.draft.read(tables.reports, key);
  const drawReveal = ctx.draft.read(tables.epochs, numberKey(ctx.time.epoch))?.drawReveal;
  if (report === undefined || drawReveal === undefined || !isComplete(report)) return "report-unknown";
  const draws = drawnEntries(report, drawReveal, ctx.parameters.transcriptsDrawn);
  let matched = 0;
  for (const [at, draw] of draws.entries()) {
    const part = ctx.draft.read(tables.reportParts, reportPartKey(body.epoch, sender, draw.part));
    const entry = part?.entries[draw.index];
    if (entry === undefined || entry.passed === 0 || !equalBytes(entry.assetId, body.transcript.challenge.assetId))
      continue;
    if (body.transcript.position !== draw.position % entry.passed) continue;
    const problem = transcriptProblem(ctx, { entry, report, transcript: body.transcript });
    if (problem !== undefined) return problem;
    matched |= 1 << at;
  }
  if (matched === 0) return "transcript-not-drawn";
  if ((report.filed | matched) === report.filed) return "transcript-filed";
  ctx.draft.write(tables.reports, key, { ...report, filed: report.filed | matched });
  return undefined;
}

/** What can be checked of a transcript without knowing the kind of service; its two signatures were verified before. */
function transcriptProblem(
  ctx: ExecutionContext,
  given: { readonly entry: ReportEntry; readonly report: ReportState; readonly transcript: Transcript },
): RejectionReason | undefined {
  const { challenge } = given.transcript;
  const asset = ctx.draft.read(tables.assets, challenge.assetId);
  const windows = ctx.draft.read(tables.epochs, numberKey(given.report.epoch))?.windows ?? [];
  const window = windows.find((open) => open.kind === challenge.kind && open.window === challenge.window);
  if (asset === undefined) return "asset-unknown";
  if (window === undefined || asset.terms.kind !== challenge.kind) return "window-unknown";
  return isTranscriptOf(given.transcript, { ...given, reveal: window.reveal, owner: asset.owner })
    ? undefined
    : "transcript-mismatch";
}

/** Whether a transcript is of a pass that an entry of a report counts (P-3), signatures apart. */
export function isTranscriptOf(
  { challenge, response, position, siblings }: Transcript,
  of: {
    readonly entry: ReportEntry;
    readonly report: Pick<ReportState, "epoch" | "auditor" | "secret">;
    /** Of the window in which the challenge says that it was made. */
    readonly reveal: Digest;
    readonly owner: AccountId;
  },
): boolean {
  const { report, entry, reveal, owner } = of;
  const { assetId, auditor, index } = challenge;
  const nonce = challengeNonce({ reveal, secret: report.secret, assetId, auditor, index });
  return (
    challenge.epoch === report.epoch &&
    equalBytes(assetId, entry.assetId) &&
    equalBytes(auditor, report.auditor) &&
    equalBytes(challenge.nonce, nonce) &&
    equalBytes(response.challengeRoot, challengeCodec.root(challenge)) &&
    equalBytes(response.prover, owner) &&
    siblings.length === transcriptsDepth + 1 &&
    equalBytes(siblings[transcriptsDepth] as Uint8Array, lengthNode(entry.passed)) &&
    isBranch(digest(responseCodec.root(response)), siblings, position, entry.transcriptsRoot)
  );
}
