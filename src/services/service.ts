// What a kind of asset must be able to do: be prepared, answer a challenge, and check an answer. One folder a kind; the
// epoch's duties (runtime/duties) drive them and know no kind by name. Adding a kind touches no other.
import type { AssetId, AssetKind, Bytes, Digest } from "../primitives/index.ts";
import type { Asset, Challenge } from "../schema/index.ts";

export interface Question {
  readonly challenge: Challenge;
  readonly asset: Pick<Asset, "id" | "terms">;
}

export interface Inspection extends Question {
  /** The first epoch of what is registered now: of a new asset, or of one whose commitment was changed. */
  readonly activeFromEpoch: number;
  /** By the auditor's secret of the epoch and the asset: no prover knows it before the report. */
  readonly draw: Digest;
}

/** What an auditor found (P-3). */
export interface Finding {
  readonly passed: boolean;
  /** In the kind's unit; 0 when it failed. */
  readonly measured: bigint;
  readonly latencyMs: number;
  /** What the prover's signed response must commit to. */
  readonly answerRoot: Digest;
  /** Kept for a transcript (at most 128 KiB); empty when the challenge alone determines the answer. */
  readonly answer: Bytes;
  /** Why it failed, for people. */
  readonly fault?: string;
}

export interface Prepared {
  readonly dataCommitment: Digest;
}

export interface WatchEvents {
  /** Something was found damaged; for people, with what became of it. */
  onFault(fault: string): void;
  /** A round over the whole asset has ended. */
  onRound(): void;
}

export interface Service {
  readonly kind: AssetKind;
  /** Audits of this kind that one auditor makes at once, where that is fewer than of others. */
  readonly auditsAtOnce?: number;
  /** An exchange with a prover that takes longer is broken off, where that is sooner than for others. */
  readonly exchangeMs?: number;
  /** Makes an asset of `units` ready to be challenged, resuming what an earlier run began. `onProgress` hears ppm. */
  prepare(
    asset: { readonly id: AssetId; readonly units: bigint },
    signal: AbortSignal,
    onProgress: (ppm: number) => void,
  ): Promise<Prepared>;
  /** Looks after a prepared asset, round after round, finds damage and mends it. Rejects with the signal's reason, or when it
   * cannot go on. */
  watch?(
    asset: { readonly id: AssetId; readonly units: bigint },
    signal: AbortSignal,
    hear: WatchEvents,
  ): Promise<never>;
  /** The prover's side: the answer in chunks, none of them empty. Throws FairmeshError when it cannot. */
  answer(question: Question, signal: AbortSignal): AsyncIterable<Bytes>;
  /** The prover's signed commitment to what it just answered. */
  answerRoot(question: Question, answer: Bytes): Digest;
  /** The auditor's side: reads the answer, never holding more than a chunk of a stream, and judges it. A chunk
   * is lent: it is good until the next is asked for. Never throws for what a prover sent; rejects with what the source
   * rejected with. */
  check(question: Question, answer: AsyncIterable<Bytes>): Promise<Finding>;
  /** Looks at once behind audits that passed; 1 when absent. */
  readonly inspectionsAtOnce?: number;
  /** Whether a pass is looked into further: work too long for a challenge, where the draw or the asset's age asks for it. */
  inspects?(inspection: Inspection): boolean;
  /** The auditor's side, after a pass and outside its deadline. What it found wrong, or undefined. */
  inspect?(inspection: Inspection, answer: Bytes, signal: AbortSignal): Promise<string | undefined>;
}
