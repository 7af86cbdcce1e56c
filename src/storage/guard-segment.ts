// One segment of the guard: the file of a term's votes. Reads and judges it (sound, torn at its end, damaged before it);
// never writes. A torn end is dropped by the guard when it writes next, if the node decides to go on (S-14).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { GuardRecord } from "../ports/index.ts";
import { type AccountId, type Bytes, type Digest, equalBytes, zeroDigest } from "../primitives/index.ts";
import { systemCode } from "./durable-file.ts";
import { crcIsRight, decodeHeader, decodeRecord, guardRecordBytes } from "./guard-record.ts";

type SegmentState = "sound" | "torn" | "damaged" | "missing";

export interface Segment {
  readonly term: number;
  readonly state: SegmentState;
  /** Up to the first damage. */
  readonly records: readonly GuardRecord[];
  /** Bytes up to there: a torn segment is cut to this length before it is written again. */
  readonly length: number;
  /** What the next record continues. */
  readonly chain: Digest;
  /** The chain value of the segment before, as this one's header has it; zero for none. */
  readonly previous: Digest;
  /** The chain value after the header and after each record. */
  readonly chains: readonly Digest[];
}

export const segmentName = (term: number): string => `term-${String(term).padStart(16, "0")}.votes`;

/** The term of a segment's file name; undefined for other files. */
export function segmentTerm(name: string): number | undefined {
  const match = /^term-(\d{16})\.votes$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

const nothing = { records: [], length: 0, chain: zeroDigest, previous: zeroDigest, chains: [] } as const;

/** Reads a term's segment. Throws only what the file system throws, but for a missing file. */
export function readSegment(folder: string, term: number, account: AccountId): Segment {
  let bytes: Bytes;
  try {
    // A plain array: a Buffer's slices would share its memory.
    bytes = Uint8Array.from(readFileSync(join(folder, segmentName(term))));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return { term, state: "missing", ...nothing };
    throw error;
  }
  return judgeSegment(bytes, { term, account });
}

/** What `bytes`, the content of a term's segment, hold and how far they can be trusted. */
function judgeSegment(bytes: Bytes, expected: { readonly term: number; readonly account: AccountId }): Segment {
  const { term } = expected;
  const part = (at: number): Bytes => bytes.subarray(at, at + guardRecordBytes);
  const whole = Math.floor(bytes.length / guardRecordBytes) * guardRecordBytes;
  const first = whole === 0 || !crcIsRight(part(0)) ? undefined : decodeHeader(part(0), expected);
  // A header is written and synced before the segment is listed: a bad one was damaged later.
  if (first === undefined) return { term, state: "damaged", ...nothing };
  const records: GuardRecord[] = [];
  const chains: Digest[] = [first.chain];
  let chain = first.chain;
  let at = guardRecordBytes;
  const result = (state: SegmentState): Segment => ({
    term,
    state,
    records,
    length: at,
    chain,
    previous: first.header.previous,
    chains,
  });
  for (; at < whole; at += guardRecordBytes) {
    // Records are synced one by one, so a crash can harm only the last: anything else is damage.
    if (!crcIsRight(part(at))) return result(at + guardRecordBytes >= bytes.length ? "torn" : "damaged");
    const next = decodeRecord(part(at), chain);
    if (next === undefined || next.record.term !== term) return result("damaged");
    records.push(next.record);
    chain = next.chain;
    chains.push(chain);
  }
  return result(whole === bytes.length ? "sound" : "torn");
}

/** Whether `later` was begun after some record of `earlier` that is still there: else `earlier` lost its end. */
export const continues = (earlier: Segment, later: Segment): boolean =>
  earlier.chains.some((chain) => equalBytes(chain, later.previous));
