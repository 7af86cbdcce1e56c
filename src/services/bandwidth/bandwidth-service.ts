// Bandwidth: the prover streams bytes that only the nonce determines, the auditor checks each and times the transfer. Measured in
// Mbit/s over the later half, never above what was registered. A transfer is as long as a quarter of a second at the
// registered rate asks for: a few packets would measure a line's delay. All who ask one prover get its line in turn.
import { sha256 } from "../../crypto/index.ts";
import type { Clock } from "../../ports/index.ts";
import { type Bytes, bigEndian, concatBytes, maxBigint, minBigint, zeroDigest } from "../../primitives/index.ts";
import { challengeCodec } from "../../schema/index.ts";
import type { Finding, Question, Service } from "../service.ts";
import { chunkBytes, nonceStream } from "./nonce-stream.ts";
import { Turns } from "./turns.ts";

export interface BandwidthParts {
  readonly clock: Clock;
  /** Chunks in every transfer, whatever is registered: for simulations and tests. */
  readonly chunks?: number;
}

/** A transfer that takes longer fails, waiting for its turn included. */
export const bandwidthDeadlineMs = 40_000;
/** A chunk of 2.1 Mbit for every 8 Mbit/s: a quarter of a second, up to 256 MiB; two seconds of slow lines. */
const mbitPerChunk = 8n;
const chunksMax = 1024n;
const slowChunks = { least: 2n, most: 8n } as const;
/** For so long, and twice the time that it takes at the registered rate, others wait for a transfer. */
const turnMs = 1_000;

/** Chunks in a transfer that shows `units` Mbit/s: the same for auditor and prover. */
export function chunksFor(units: bigint): number {
  const least = minBigint(maxBigint(units, slowChunks.least), slowChunks.most);
  return Number(minBigint(maxBigint((units + mbitPerChunk - 1n) / mbitPerChunk, least), chunksMax));
}

const turnMsFor = (units: bigint): number =>
  turnMs + (2 * chunksFor(units) * chunkBytes * 8) / (Number(maxBigint(units, 1n)) * 1000);

const rootOf = ({ challenge }: Question, chunks: number) =>
  sha256(concatBytes(challengeCodec.root(challenge), bigEndian(chunks, 4)));

/** Whole Mbit/s from bytes and milliseconds, at least 1 for anything that arrived. */
export function megabitsPerSecond(bytes: number, durationMs: number): bigint {
  const microseconds = BigInt(Math.max(Math.ceil(durationMs * 1000), 1));
  const rate = (BigInt(bytes) * 8n) / microseconds;
  return rate > 0n ? rate : 1n;
}

/** The rate of the later half: in the first, the windows of the stream and of TCP under it still grow, by round trips. */
function rateOf(arrivedMs: readonly number[]): bigint {
  const from = (arrivedMs.length - 1) >> 1;
  const durationMs = (arrivedMs.at(-1) as number) - (arrivedMs[from] as number);
  return megabitsPerSecond((arrivedMs.length - 1 - from) * chunkBytes, durationMs);
}

async function checkBandwidth(
  parts: BandwidthParts,
  question: Question,
  answer: AsyncIterable<Bytes>,
): Promise<Finding> {
  const { clock, chunks = chunksFor(question.asset.terms.units) } = parts;
  const startedMs = clock.monotonicMs();
  const arrivedMs: number[] = [];
  let fault: string | undefined;
  const expected = nonceStream(question.challenge.nonce);
  for await (const chunk of answer) {
    const nowMs = clock.monotonicMs();
    if (nowMs - startedMs > bandwidthDeadlineMs) fault = "too slow";
    else if (!expected.matches(chunk)) fault = `chunk ${arrivedMs.length} is wrong`;
    if (fault !== undefined) break;
    arrivedMs.push(nowMs);
    if (arrivedMs.length === chunks) break;
  }
  if (fault === undefined && arrivedMs.length < chunks) fault = `ended after ${arrivedMs.length} of ${chunks} chunks`;
  return {
    passed: fault === undefined,
    measured: fault === undefined ? minBigint(rateOf(arrivedMs), question.asset.terms.units) : 0n,
    latencyMs: Math.ceil((arrivedMs[0] ?? clock.monotonicMs()) - startedMs),
    answerRoot: rootOf(question, chunks),
    answer: new Uint8Array(),
    ...(fault === undefined ? {} : { fault }),
  };
}

export function createBandwidthService(parts: BandwidthParts): Service {
  const chunksOf = ({ asset }: Question): number => parts.chunks ?? chunksFor(asset.terms.units);
  const turns = new Turns(parts.clock);
  return {
    kind: "bandwidth",
    // Two at once would measure this auditor's own line.
    auditsAtOnce: 1,
    // Nothing is laid down in advance: what is served is made from the nonce.
    prepare: async () => ({ dataCommitment: zeroDigest }),
    async *answer(question, signal) {
      const endTurn = await turns.take(turnMsFor(question.asset.terms.units));
      try {
        const stream = nonceStream(question.challenge.nonce);
        for (let left = chunksOf(question); left > 0 && !signal.aborted; left--) yield stream.next();
      } finally {
        endTurn();
      }
    },
    answerRoot: (question) => rootOf(question, chunksOf(question)),
    check: (question, answer) => checkBandwidth(parts, question, answer),
  };
}
