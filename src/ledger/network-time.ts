// Blocks as the network's clock (section 0): which epoch, term and phase a height is in. Height 0 is genesis.
import type { Parameters } from "../schema/index.ts";

export interface BlockTime {
  readonly height: number;
  readonly epoch: number;
  readonly term: number;
  /** Blocks of the epoch before this one. */
  readonly offset: number;
  readonly lastOfEpoch: boolean;
  readonly lastOfTerm: boolean;
}

/** The place of a height from 1 on. */
export function blockTime(height: number, p: Parameters): BlockTime {
  const epoch = Math.floor((height - 1) / p.epochBlocks);
  const offset = (height - 1) % p.epochBlocks;
  const lastOfEpoch = offset === p.epochBlocks - 1;
  const lastOfTerm = lastOfEpoch && (epoch + 1) % p.termEpochs === 0;
  return { height, epoch, term: Math.floor(epoch / p.termEpochs), offset, lastOfEpoch, lastOfTerm };
}

/** P-3, P-4, R-12: where in an epoch the reports of the one before may be filed, and when inputs freeze. */
export type Phase = "commit" | "reveal" | "transcript" | "settle";

export const phaseAt = (offset: number, p: Parameters): Phase => {
  if (offset < p.epochBlocks / 3) return "commit";
  if (offset < (p.epochBlocks * 2) / 3) return "reveal";
  return offset < (p.epochBlocks * 5) / 6 ? "transcript" : "settle";
};

/** The offset of the first block whose execution finds the inputs frozen. */
export const freezeOffset = (p: Parameters): number => (p.epochBlocks * 5) / 6;
/** The block whose reveal draws transcripts (P-3). */
export const drawOffset = (p: Parameters): number => (p.epochBlocks * 2) / 3 - 1;
/** Postings are all made by this offset. */
export const postedOffset = (p: Parameters): number => (p.epochBlocks * 3) / 4;
