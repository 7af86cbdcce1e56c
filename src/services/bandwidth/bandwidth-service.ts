// Bandwidth: the prover streams bytes that only the nonce determines, the auditor checks each and times the transfer.
// Measured in Mbit/s, never above what was registered; the first chunk's arrival is not counted as transfer time.
import { sha256 } from "../../crypto/index.ts";
import type { Clock } from "../../ports/index.ts";
import { type Bytes, bigEndian, concatBytes, minBigint, zeroDigest } from "../../primitives/index.ts";
import { challengeCodec } from "../../schema/index.ts";
import type { Finding, Question, Service } from "../service.ts";
import { chunkBytes, nonceStream } from "./nonce-stream.ts";

export interface BandwidthParts {
  readonly clock: Clock;
  /** Chunks of 256 KiB in one transfer. */
  readonly chunks: number;
}

/** A transfer that takes longer fails. */
export const bandwidthDeadlineMs = 30_000;

const rootOf = ({ challenge }: Question, chunks: number) =>
  sha256(concatBytes(challengeCodec.root(challenge), bigEndian(chunks, 4)));

/** Whole Mbit/s from bytes and milliseconds, at least 1 for anything that arrived. */
export function megabitsPerSecond(bytes: number, durationMs: number): bigint {
  const microseconds = BigInt(Math.max(Math.ceil(durationMs * 1000), 1));
  const rate = (BigInt(bytes) * 8n) / microseconds;
  return rate > 0n ? rate : 1n;
}

async function checkBandwidth(
  parts: BandwidthParts,
  question: Question,
  answer: AsyncIterable<Bytes>,
): Promise<Finding> {
  const { clock, chunks } = parts;
  const startedMs = clock.monotonicMs();
  let firstMs: number | undefined;
  let lastMs = startedMs;
  let received = 0;
  let fault: string | undefined;
  const expected = nonceStream(question.challenge.nonce);
  for await (const chunk of answer) {
    lastMs = clock.monotonicMs();
    firstMs ??= lastMs;
    if (lastMs - startedMs > bandwidthDeadlineMs) fault = "too slow";
    else if (!expected.matches(chunk)) fault = `chunk ${received} is wrong`;
    if (fault !== undefined) break;
    if (++received === chunks) break;
  }
  if (fault === undefined && received < chunks) fault = `ended after ${received} of ${chunks} chunks`;
  const latencyMs = Math.ceil((firstMs ?? lastMs) - startedMs);
  const rate = megabitsPerSecond((received - 1) * chunkBytes, lastMs - (firstMs ?? lastMs));
  return {
    passed: fault === undefined,
    measured: fault === undefined ? minBigint(rate, question.asset.terms.units) : 0n,
    latencyMs,
    answerRoot: rootOf(question, chunks),
    answer: new Uint8Array(),
    ...(fault === undefined ? {} : { fault }),
  };
}

export function createBandwidthService(parts: BandwidthParts): Service {
  return {
    kind: "bandwidth",
    // Nothing is laid down in advance: what is served is made from the nonce.
    prepare: async () => ({ dataCommitment: zeroDigest }),
    async *answer({ challenge }, signal) {
      const stream = nonceStream(challenge.nonce);
      for (let index = 0; index < parts.chunks && !signal.aborted; index++) yield stream.next();
    },
    answerRoot: (question) => rootOf(question, parts.chunks),
    check: (question, answer) => checkBandwidth(parts, question, answer),
  };
}
