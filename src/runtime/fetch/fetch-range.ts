// Ranges of blocks and of finalizations from one peer, each item checked to be what was asked for before the next is read: a
// peer that answers more, longer, out of order or unlinked has lied, and its answer ends there. Whether a block is right is
// for whoever executes it, whether a certificate holds for whoever verifies its signatures.
import type { Transport } from "../../ports/index.ts";
import { type AccountId, type Bytes, equalBytes, FairmeshError } from "../../primitives/index.ts";
import {
  type Block,
  blockCodec,
  blockDigest,
  type Certificate,
  type Codec,
  certificateCodec,
  prunedBelow,
  type RangeRequest,
  rangeCountMax,
  rangeRequestCodec,
  voteKinds,
} from "../../schema/index.ts";
import { fetchLimits, fetchProtocols } from "./fetch-protocols.ts";

export interface FetchParts {
  readonly transport: Transport;
  /** Told when an answer does not hold: the peer's word is worth less from then on. */
  readonly onLie: (from: AccountId, detail: string) => void;
}

const lie = (detail: string): FairmeshError => new FairmeshError("ANSWER_FALSE", detail);

async function* items<T>(
  parts: FetchParts,
  request: { readonly from: AccountId; readonly protocol: string; readonly range: RangeRequest },
  codec: Codec<T>,
  signal: AbortSignal,
): AsyncIterable<{ readonly value: T; readonly bytes: Bytes }> {
  const { from, protocol, range } = request;
  const asked = { ...range, count: Math.min(range.count, rangeCountMax) };
  let [count, bytesRead] = [0, 0];
  for await (const bytes of parts.transport.request(from, protocol, rangeRequestCodec.encode(asked), signal)) {
    count += 1;
    bytesRead += bytes.length;
    if (count > asked.count) throw lie("more items than were asked for");
    const kept = count === 1 ? prunedBelow(bytes) : undefined;
    if (kept !== undefined) throw new FairmeshError("PRUNED", `the peer keeps blocks from height ${kept} on`);
    if (bytesRead > fetchLimits.rangeBytesMax && count > 1) throw lie("a longer answer than is ever given");
    const decoded = codec.decode(bytes);
    if (!decoded.ok) throw lie(decoded.error.detail);
    yield { value: decoded.value, bytes };
  }
}

/** Runs `read`, reporting the peer when what it gave was false. */
async function* watched<T>(parts: FetchParts, from: AccountId, read: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* read;
  } catch (error) {
    if (error instanceof FairmeshError && error.code === "ANSWER_FALSE") parts.onLie(from, error.message);
    throw error;
  }
}

async function* linked(
  source: AsyncIterable<{ readonly value: Block; readonly bytes: Bytes }>,
  fromHeight: number,
): AsyncIterable<{ readonly block: Block; readonly bytes: Bytes }> {
  let height = fromHeight;
  let parent: Bytes | undefined;
  for await (const { value: block, bytes } of source) {
    const { header } = block;
    if (header.height !== height) throw lie(`a block of height ${header.height} where ${height} was due`);
    if (parent !== undefined && !equalBytes(header.parent, parent)) throw lie(`block ${height} has another parent`);
    parent = blockDigest(header);
    height += 1;
    yield { block, bytes };
  }
}

/** Blocks of heights from `range.fromHeight`, each the next one's parent; fewer when the peer has no more. */
export const fetchBlocks = (
  parts: FetchParts,
  from: AccountId,
  range: RangeRequest,
  signal: AbortSignal,
): AsyncIterable<{ readonly block: Block; readonly bytes: Bytes }> =>
  watched(
    parts,
    from,
    linked(items(parts, { from, protocol: fetchProtocols.blocks, range }, blockCodec, signal), range.fromHeight),
  );

async function* finalizations(source: AsyncIterable<{ readonly value: Certificate }>): AsyncIterable<Certificate> {
  for await (const { value } of source) {
    if (voteKinds[value.statement.kind] !== "finalize") throw lie("a certificate that is no finalization");
    yield value;
  }
}

/** Finalizations of heights from `range.fromHeight`, unverified. */
export const fetchCertificates = (
  parts: FetchParts,
  from: AccountId,
  range: RangeRequest,
  signal: AbortSignal,
): AsyncIterable<Certificate> =>
  watched(
    parts,
    from,
    finalizations(items(parts, { from, protocol: fetchProtocols.certificates, range }, certificateCodec, signal)),
  );
