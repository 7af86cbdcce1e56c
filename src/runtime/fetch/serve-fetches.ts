// Answers to what peers fetch: decoded, clamped to our bounds, read one item at a time as the reader takes them. Where the
// items come from is the caller's: a source is asked, and says undefined where it has nothing. Everything served is public.
import type { Transport } from "../../ports/index.ts";
import { type AccountId, type AssetId, type Bytes, FairmeshError } from "../../primitives/index.ts";
import {
  assetRecordRequestCodec,
  assetRecordsMax,
  type Codec,
  rangeCountMax,
  rangeRequestCodec,
  type StateChunksRequest,
  stateChunksRequestCodec,
  type TranscriptRequest,
  transcriptRequestCodec,
} from "../../schema/index.ts";
import { fetchLimits, fetchProtocols } from "./fetch-protocols.ts";

export interface FetchSource {
  /** Canonical bytes of the final block at a height. */
  block?(height: number): Bytes | undefined;
  /** Canonical bytes of a Finalization of a height. */
  certificate?(height: number): Bytes | undefined;
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
  const { rangeBytesMax, stateBytesMax } = fetchLimits;
  if (block !== undefined) serve(fetchProtocols.blocks, (bytes) => bounded(range(bytes, block), rangeBytesMax));
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
