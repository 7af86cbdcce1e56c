// Answers to what peers fetch: decoded, clamped to our bounds, read one item at a time as the reader takes them. Where the
// items come from is the caller's: a source is asked, and says undefined where it has nothing. Everything served is public.

import type { CommitteeChain } from "../../ledger/index.ts";
import type { Transport } from "../../ports/index.ts";
import { type AccountId, type AssetId, type Bytes, type Digest, FairmeshError } from "../../primitives/index.ts";
import {
  assetRecordRequestCodec,
  assetRecordsMax,
  type Codec,
  encodePruned,
  handOverCodec,
  keysCodec,
  keysRequestCodec,
  type Posting,
  type PostingsRequest,
  postingsChunkCodec,
  postingsInChunkMax,
  postingsRequestCodec,
  rangeCountMax,
  rangeRequestCodec,
  type StateChunksRequest,
  stateChunksRequestCodec,
  type TranscriptRequest,
  termProofCodec,
  termProofRequestCodec,
  transcriptRequestCodec,
} from "../../schema/index.ts";
import { fetchLimits, fetchProtocols } from "./fetch-protocols.ts";

export interface FetchSource {
  /** Canonical bytes of the final block at a height. */
  block?(height: number): Bytes | undefined;
  /** The lowest height whose block may be kept (L-9). */
  bodiesFrom?(): number;
  /** Canonical bytes of a Finalization of a height. */
  certificate?(height: number): Bytes | undefined;
  /** The newest term's end whose state is served, proved from a checkpoint or from genesis (S-11). */
  termProof?(checkpoint: Digest | undefined): CommitteeChain | undefined;
  /** Canonical bytes of a public key by its id. */
  publicKey?(id: Digest): Bytes | undefined;
  postings?(request: PostingsRequest): Promise<readonly Posting[]>;
  /** Chunks of the state after a block, in order; none when that state is not kept. */
  stateChunks?(request: StateChunksRequest): Iterable<Bytes>;
  /** The signed records of the assets that this node serves, or of one of them. */
  assetRecords?(asset: AssetId | undefined): AsyncIterable<Bytes>;
  transcript?(request: TranscriptRequest): Promise<Bytes | undefined>;
}

/** What is wrong with a question is its sender's fault, and said to it. */
function question<T>(codec: Codec<T>, bytes: Bytes): T {
  const decoded = codec.decode(bytes);
  if (!decoded.ok) throw new FairmeshError("QUESTION_MALFORMED", decoded.error.detail);
  return decoded.value;
}

async function* bounded(items: Iterable<Bytes>, bytesMax: number): AsyncIterable<Bytes> {
  let bytes = 0;
  for (const item of items) {
    bytes += item.length;
    if (bytes > bytesMax && bytes > item.length) return;
    yield item;
  }
}

function* range(bytes: Bytes, read: (height: number) => Bytes | undefined): Iterable<Bytes> {
  const { fromHeight, count } = question(rangeRequestCodec, bytes);
  for (let height = fromHeight; height < fromHeight + Math.min(count, rangeCountMax); height++) {
    const item = read(height);
    if (item === undefined) return;
    yield item;
  }
}

async function* one(item: Promise<Bytes | undefined>): AsyncIterable<Bytes> {
  const bytes = await item;
  if (bytes !== undefined) yield bytes;
}

/** Blocks, or the height from which on there are some (L-9). */
function* blocks(bytes: Bytes, source: Required<Pick<FetchSource, "block" | "bodiesFrom">>): Iterable<Bytes> {
  const { fromHeight } = question(rangeRequestCodec, bytes);
  if (fromHeight < source.bodiesFrom()) yield encodePruned(source.bodiesFrom());
  else yield* range(bytes, source.block);
}

function* termProof(bytes: Bytes, prove: NonNullable<FetchSource["termProof"]>): Iterable<Bytes> {
  const proved = prove(question(termProofRequestCodec, bytes).checkpoint[0]);
  if (proved === undefined) return;
  const { anchor, committee, handOvers, seal } = proved;
  yield termProofCodec.encode({ anchor: anchor.slice(), committee, seal });
  for (const handOver of handOvers) yield handOverCodec.encode(handOver);
}

function* keys(bytes: Bytes, publicKey: NonNullable<FetchSource["publicKey"]>): Iterable<Bytes> {
  const found = question(keysRequestCodec, bytes).ids.flatMap((id) => publicKey(id) ?? []);
  if (found.length > 0) yield keysCodec.encode({ keys: found });
}

async function* postingChunks(bytes: Bytes, read: NonNullable<FetchSource["postings"]>): AsyncIterable<Bytes> {
  const { epoch, fromIndex } = question(postingsRequestCodec, bytes);
  for (let chunk = 0; chunk < fetchLimits.postingChunksMax; chunk++) {
    const postings = await read({ epoch, fromIndex: fromIndex + chunk * postingsInChunkMax });
    if (postings.length > 0) yield postingsChunkCodec.encode({ postings: postings.slice() });
    if (postings.length < postingsInChunkMax) return;
  }
}

async function* first(countMax: number, items: AsyncIterable<Bytes>): AsyncIterable<Bytes> {
  let count = 0;
  for await (const item of items) {
    yield item;
    if (++count >= countMax) return;
  }
}

/** Registers a handler for each part that the source has. */
export function serveFetches(transport: Transport, source: FetchSource): void {
  const serve = (protocol: string, answer: (bytes: Bytes, from: AccountId) => AsyncIterable<Bytes>): void =>
    transport.onRequest(protocol, answer);
  const { block, certificate, stateChunks, assetRecords, transcript } = source;
  const { rangeBytesMax, stateBytesMax, termProofBytesMax } = fetchLimits;
  const bodiesFrom = source.bodiesFrom ?? (() => 0);
  if (block !== undefined)
    serve(fetchProtocols.blocks, (bytes) => bounded(blocks(bytes, { block, bodiesFrom }), rangeBytesMax));
  const { termProof: prove, publicKey, postings } = source;
  if (prove !== undefined)
    serve(fetchProtocols.termProof, (bytes) => bounded(termProof(bytes, prove), termProofBytesMax));
  if (publicKey !== undefined) serve(fetchProtocols.keys, (bytes) => bounded(keys(bytes, publicKey), rangeBytesMax));
  if (postings !== undefined) serve(fetchProtocols.postings, (bytes) => postingChunks(bytes, postings));
  if (certificate !== undefined)
    serve(fetchProtocols.certificates, (bytes) => bounded(range(bytes, certificate), rangeBytesMax));
  if (stateChunks !== undefined)
    serve(fetchProtocols.stateChunks, (bytes) =>
      bounded(stateChunks(question(stateChunksRequestCodec, bytes)), stateBytesMax),
    );
  if (assetRecords !== undefined)
    serve(fetchProtocols.assetRecords, (bytes) =>
      first(assetRecordsMax, assetRecords(question(assetRecordRequestCodec, bytes).assetId[0])),
    );
  if (transcript !== undefined)
    serve(fetchProtocols.transcript, (bytes) => one(transcript(question(transcriptRequestCodec, bytes))));
}
