// The duties of an epoch, driven by final blocks: audit what was drawn when a window opens, report it in the next epoch
// (commit, reveal), and file the transcripts that are drawn. Every step is decided anew from the chain and from what is on
// disk, so a restart, a lost transaction or a skipped block only delays it. Made by the composition root.
import { challengeNonce, phaseAt, reportCommitment } from "../../ledger/index.ts";
import type { Clock, Log, Metrics, Store } from "../../ports/index.ts";
import { type AssetId, type AssetKind, assetKinds, equalBytes, keyOf } from "../../primitives/index.ts";
import {
  type Challenge,
  type ChallengeWindow,
  type ReportEntry,
  reportEntriesCodec,
  reportEntriesMax,
  type TransactionBody,
  type Transcript,
  type TranscriptRequest,
} from "../../schema/index.ts";
import { type AuditRecord, askProver, type ExchangeParts, exchangeMs, serveAudits } from "./audit-exchange.ts";
import type { DutyAsset, DutyHead } from "./duty-view.ts";
import { Findings, type StoredFinding } from "./findings.ts";
import { Inspections } from "./inspections.ts";
import { reportEntries, reportSalt, transcriptFor } from "./report.ts";

export interface DutiesParts extends ExchangeParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Audits under way at once: a node's own link and disk have other work. */
const auditsAtOnceMax = 4;
/** Transactions remembered as tried. */
const triedMax = 1000;
/** Blocks after which a transaction that was refused is tried again. */
const retryBlocks = 4;
/** Where each phase of reporting ends, in sixths of an epoch (P-3). */
const phaseEndSixths = { commit: 2, reveal: 4, transcript: 5 } as const;
/** Findings are kept until no transcript of theirs can be drawn (P-3), and one epoch more. */
const epochsKept = 3;

interface QueuedAudit {
  readonly kind: AssetKind;
  readonly run: () => Promise<void>;
}

const signalFor = (clock: Clock, ms: number, parent: AbortSignal): { signal: AbortSignal; done: () => void } => {
  const control = new AbortController();
  const cancel = clock.at(clock.nowMs() + ms, () => control.abort(new Error("too slow")));
  const stop = (): void => control.abort(parent.reason);
  parent.addEventListener("abort", stop, { once: true });
  if (parent.aborted) stop();
  return {
    signal: control.signal,
    done: () => {
      cancel();
      parent.removeEventListener("abort", stop);
    },
  };
};

export class Duties {
  readonly #parts: DutiesParts;
  readonly #findings: Findings;
  readonly #running = new Set<string>();
  readonly #queue: QueuedAudit[] = [];
  readonly #active = new Map<string, number>();
  /** By duty, the height at which its transaction may be tried again; infinite once it was taken. */
  readonly #tried = new Map<string, number>();
  /** The newest epoch whose report is committed to, and the findings that are being written. */
  #closedEpoch = -1;
  #writing: Promise<unknown> = Promise.resolve();
  readonly #stopped = new AbortController();
  readonly #inspections: Inspections;
  readonly #audits;
  #passed = 0;
  #failed = 0;

  constructor(parts: DutiesParts) {
    this.#parts = parts;
    this.#findings = new Findings(parts.store);
    this.#inspections = new Inspections({ ...parts, onFault: (...found) => this.#condemn(...found) });
    this.#audits = parts.metrics.counter("fairmesh_audits_total", {
      help: "Audits made by this node, by kind and outcome.",
      labels: ["kind", "outcome"],
    });
  }

  /** Audits made since the start. */
  counts(): { readonly passed: number; readonly failed: number } {
    return { passed: this.#passed, failed: this.#failed };
  }

  /** Answers challenges from now on. */
  start(): void {
    serveAudits(this.#parts);
  }

  /**
   * What this node keeps of its own audits, for whoever doubts its report (P-3, P-6). Nothing before the report is revealed:
   * other auditors could copy it.
   */
  async transcript({ epoch, assetId, auditor, position }: TranscriptRequest): Promise<Transcript | undefined> {
    const { view, signer } = this.#parts;
    if (!equalBytes(auditor, signer.accountId) || view.reportStage(epoch, signer.accountId) !== "revealed") return;
    return transcriptFor(await this.#findings.ofEpoch(epoch), assetId, position);
  }

  stop(): void {
    this.#stopped.abort(new Error("stopping"));
    this.#inspections.stop();
    this.#queue.length = 0;
  }

  /** Called after each final block. Settles when what the block asks for is begun; audits go on behind it. */
  async onBlock(): Promise<void> {
    const { view, signer } = this.#parts;
    const head = view.head();
    // At every block, for they are found little by little.
    const assigned = view.assignments(head.epoch, signer.accountId);
    for (const window of view.windows(head.epoch)) this.#auditWindow(head, window, assigned);
    if (head.epoch > 0) await this.#reportOn(head.epoch - 1, head);
    if (head.offset === 0 && head.epoch > epochsKept) await this.#findings.prune(head.epoch - epochsKept);
  }

  #auditWindow(head: DutyHead, window: ChallengeWindow, assigned: readonly AssetId[]): void {
    const { view, signer } = this.#parts;
    if (head.height > window.height + view.parameters.windowBlocks) return;
    const secret = view.secret(head.epoch);
    if (secret === undefined) return;
    for (const assetId of assigned) {
      const asset = view.asset(assetId);
      if (asset === undefined || asset.kind !== assetKinds[window.kind]) continue;
      const key = `${head.epoch} ${keyOf(assetId)} ${window.window}`;
      if (this.#running.has(key) || this.#findings.has(head.epoch, assetId, window.window)) continue;
      this.#running.add(key);
      const nonce = challengeNonce({ reveal: window.reveal, secret, assetId, auditor: signer.accountId, index: 0 });
      const challenge: Challenge = {
        epoch: head.epoch,
        kind: window.kind,
        window: window.window,
        index: 0,
        assetId,
        auditor: signer.accountId,
        nonce,
      };
      this.#queue.push({
        kind: asset.kind,
        run: () => this.#audit(challenge, asset, window).finally(() => this.#running.delete(key)),
      });
      this.#runAudits();
    }
  }

  /** Begins what has room: in order, but for a kind of which fewer are made at once. */
  #runAudits(): void {
    const atOnceOf = (kind: AssetKind): number => this.#parts.service(kind)?.auditsAtOnce ?? auditsAtOnceMax;
    const activeOf = (kind: AssetKind): number => this.#active.get(kind) ?? 0;
    for (;;) {
      const sum = [...this.#active.values()].reduce((total, each) => total + each, 0);
      if (sum >= auditsAtOnceMax) return;
      const at = this.#queue.findIndex(({ kind }) => activeOf(kind) < atOnceOf(kind));
      const [audit] = at < 0 ? [] : this.#queue.splice(at, 1);
      if (audit === undefined) return;
      const { kind, run } = audit;
      this.#active.set(kind, activeOf(kind) + 1);
      void run()
        .catch((cause: unknown) => this.#parts.log.error("an audit could not be recorded", { cause: String(cause) }))
        .finally(() => {
          this.#active.set(kind, activeOf(kind) - 1);
          this.#runAudits();
        });
    }
  }

  async #audit(challenge: Challenge, asset: DutyAsset, window: ChallengeWindow): Promise<void> {
    const { clock, log, view } = this.#parts;
    if (challenge.epoch <= this.#closedEpoch) return;
    const forMs = this.#parts.service(asset.kind)?.exchangeMs ?? exchangeMs;
    const { signal, done } = signalFor(clock, forMs, this.#stopped.signal);
    const asked = await askProver(this.#parts, challenge, asset, signal).finally(done);
    if (this.#stopped.signal.aborted) return;
    // A prover that nothing was shown to is asked again while the window is open: a line may break for a moment.
    if (!asked.reached && view.head().height < window.height + view.parameters.windowBlocks) return;
    const record = this.#judged(asked, asset);
    const { finding } = record;
    if (!(await this.#keep(storedFrom(record)))) return;
    if (finding.passed) this.#passed++;
    else this.#failed++;
    this.#audits.add(1, { kind: asset.kind, outcome: finding.passed ? "passed" : "failed" });
    if (finding.passed) this.#inspections.consider(record, asset);
    const fields = { asset: keyOf(asset.id).slice(0, 12), kind: asset.kind, measured: finding.measured.toString() };
    if (finding.passed) log.info("audit passed", { ...fields, latencyMs: finding.latencyMs });
    else log.warn("audit failed", { ...fields, fault: finding.fault });
  }

  /**
   * Writes a finding down, unless its epoch's report is committed to: what is revealed has to be what was committed to,
   * however late a prover ends its answer.
   */
  async #keep(finding: StoredFinding): Promise<boolean> {
    const asset = keyOf(finding.assetId).slice(0, 12);
    if (finding.epoch <= this.#closedEpoch) {
      this.#parts.log.warn("an audit ended after its report was committed to", { epoch: finding.epoch, asset });
      return false;
    }
    const written = this.#findings.add(finding);
    this.#writing = Promise.allSettled([this.#writing, written]);
    await written;
    return true;
  }

  /** An answer that is right passes unless its commitment was found to be a lie before. */
  #judged(record: AuditRecord, { id, terms }: DutyAsset): AuditRecord {
    const fault = this.#findings.condemned(id, terms.dataCommitment);
    if (fault === undefined || !record.finding.passed) return record;
    return { ...record, finding: { ...record.finding, passed: false, measured: 0n, fault } };
  }

  /** What was committed to stays: no later audit passes, and until the epoch's report is committed to, none of its own did. */
  async #condemn({ challenge: { epoch } }: AuditRecord, { id, kind, terms }: DutyAsset, fault: string): Promise<void> {
    await this.#findings.condemn(id, terms.dataCommitment, fault);
    const asset = keyOf(id).slice(0, 12);
    this.#parts.log.warn("an inspection failed: the asset passes no audit any more", { asset, kind, fault });
    if (epoch <= this.#closedEpoch) return;
    const written = this.#findings.failAll(epoch, id);
    this.#writing = Promise.allSettled([this.#writing, written]);
    await written;
  }

  async #reportOn(epoch: number, head: DutyHead): Promise<void> {
    const { view, signer } = this.#parts;
    const secret = view.secret(epoch);
    // Who had nothing to audit reports that: only whoever reports can be seated.
    if (secret === undefined || !view.isDrawn(epoch, signer.accountId)) return;
    const stage = view.reportStage(epoch, signer.accountId);
    const phase = phaseAt(head.offset, view.parameters);
    if (phase === "commit" && stage === "none" && !this.#waitsForAudits(epoch, head)) {
      this.#closedEpoch = epoch;
      await this.#writing;
      const { partRoots } = this.#partsOf(reportEntries(await this.#findings.ofEpoch(epoch)));
      const commitment = reportCommitment(partRoots, reportSalt(secret, epoch));
      await this.#submit(`commit ${epoch}`, { head, phase }, { kind: "reportCommit", value: { epoch, commitment } });
    }
    if (phase === "reveal" && stage === "committed") await this.#reveal(epoch, head);
    if (phase === "transcript" && stage === "revealed") await this.#fileTranscripts(epoch, head);
  }

  /** Audits of the epoch that are still under way have a third of the phase to end, inspections half of it. */
  #waitsForAudits(epoch: number, { offset }: DutyHead): boolean {
    const phaseBlocks = (this.#parts.view.parameters.epochBlocks / 6) * phaseEndSixths.commit;
    if (offset < phaseBlocks / 2 && this.#inspections.isLooking(epoch)) return true;
    if (offset >= phaseBlocks / 3) return false;
    return Array.from(this.#running).some((key) => key.startsWith(`${epoch} `));
  }

  #partsOf(entries: readonly ReportEntry[]) {
    const parts: ReportEntry[][] = [];
    for (let at = 0; at === 0 || at < entries.length; at += reportEntriesMax) {
      parts.push(entries.slice(at, at + reportEntriesMax));
    }
    return { parts, partRoots: parts.map((part) => reportEntriesCodec.root(part)) };
  }

  async #reveal(epoch: number, head: DutyHead): Promise<void> {
    const secret = this.#parts.view.secret(epoch);
    if (secret === undefined) return;
    const { parts, partRoots } = this.#partsOf(reportEntries(await this.#findings.ofEpoch(epoch)));
    const salt = reportSalt(secret, epoch);
    for (const [part, entries] of parts.entries()) {
      const value = { epoch, part, partRoots, salt, secret, entries };
      await this.#submit(`reveal ${epoch} ${part}`, { head, phase: "reveal" }, { kind: "reportReveal", value });
    }
  }

  async #fileTranscripts(epoch: number, head: DutyHead): Promise<void> {
    const { view, signer, log } = this.#parts;
    const owed = view.owedTranscripts(epoch, signer.accountId);
    if (owed.length === 0) return;
    const findings = await this.#findings.ofEpoch(epoch);
    for (const { assetId, position } of owed) {
      const transcript = transcriptFor(findings, assetId, position);
      if (transcript === undefined) {
        log.error("a transcript that was drawn is lost", { epoch, asset: keyOf(assetId) });
        continue;
      }
      const key = `transcript ${epoch} ${keyOf(assetId)} ${position}`;
      await this.#submit(key, { head, phase: "transcript" }, { kind: "transcript", value: { epoch, transcript } });
    }
  }

  /** Once it is taken it waits in mempools until its phase ends; one that is refused is tried again a few blocks later. */
  async #submit(
    key: string,
    at: { readonly head: DutyHead; readonly phase: keyof typeof phaseEndSixths },
    body: TransactionBody,
  ): Promise<void> {
    if (at.head.height < (this.#tried.get(key) ?? 0)) return;
    this.#tried.delete(key);
    this.#tried.set(key, at.head.height + retryBlocks);
    if (this.#tried.size > triedMax) this.#tried.delete(this.#tried.keys().next().value as string);
    const { view } = this.#parts;
    const end = (view.parameters.epochBlocks / 6) * phaseEndSixths[at.phase];
    try {
      await view.submit(body, at.head.height - at.head.offset + end - 1);
      this.#tried.set(key, Number.POSITIVE_INFINITY);
    } catch (cause) {
      this.#parts.log.warn("a duty's transaction was not taken", { duty: key, cause: String(cause) });
    }
  }
}

function storedFrom({ challenge, challengeSignature, finding, response }: AuditRecord): StoredFinding {
  return {
    epoch: challenge.epoch,
    assetId: challenge.assetId as AssetId,
    window: challenge.window,
    passed: finding.passed,
    measured: finding.measured,
    latencyMs: Math.min(finding.latencyMs, 2 ** 32 - 1),
    transcript:
      response === undefined || !finding.passed
        ? []
        : [
            {
              challenge,
              challengeSignature,
              response: response.response,
              responseSignature: response.signature,
              position: 0,
              siblings: [],
              answer: finding.answer,
            },
          ],
  };
}
