// A whole state as a stream of chunks, and back (L-6): for backups and for nodes that begin from a state. Whoever reads one
// knows the root that it must have, from a final header; nothing of a stream is believed before its root comes out right.
// Pure: chunks are bytes, and where they go is the caller's.
import { type Bytes, compareBytes, type Digest, equalBytes, err, ok, type Result } from "../primitives/index.ts";
import { type Codec, chunkBytes, chunkRecordsMax, type StateChunk, stateChunkCodec, tables } from "../schema/index.ts";
import { bucketRecordsMax } from "./bucket.ts";
import { applyChanges, bucketOf, emptyState, type LedgerState, recordsOf, type StateChange } from "./state.ts";

const codecs: ReadonlyMap<number, Codec<unknown>> = new Map(
  Object.values(tables).map(({ space, codec }) => [space, codec as Codec<unknown>]),
);

/** The state's chunks in order from number `from` on; of a whole one at least one, the last one marked. */
export function* exportState(state: LedgerState, from = 0): Generator<Bytes> {
  let records: StateChunk["records"] = [];
  let size = 0;
  let index = 0;
  const chunk = (last: number): Bytes | undefined => {
    const bytes = index < from ? undefined : stateChunkCodec.encode({ index, last, records });
    index++;
    records = [];
    size = 0;
    return bytes;
  };
  for (const { space } of Object.values(tables)) {
    for (const [key, bytes] of recordsOf(state, space)) {
      if (records.length > 0 && (size + bytes.length > chunkBytes || records.length >= chunkRecordsMax)) {
        const full = chunk(0);
        if (full !== undefined) yield full;
      }
      records.push({ space, key: key as Digest, bytes });
      size += bytes.length;
    }
  }
  const last = chunk(1);
  if (last !== undefined) yield last;
}

export type StateStreamFault =
  | "chunk-malformed"
  | "chunk-order"
  | "chunk-short"
  | "record-order"
  | "record-space"
  | "record-malformed"
  | "bucket-full"
  | "stream-ended"
  | "stream-cut"
  | "root-wrong";

export interface StateImport {
  /** Takes the next chunk, or says why the stream is none; after a fault it takes no more. */
  add(chunk: Bytes): StateStreamFault | undefined;
  /** The state, if it is whole and has this root. */
  finish(root: Digest): Result<LedgerState, StateStreamFault>;
}

/** Builds a state from chunks. Memory grows with the state itself only. */
export function createStateImport(): StateImport {
  let state = emptyState;
  let next = 0;
  let ended = false;
  let fault: StateStreamFault | undefined;
  let before: { readonly space: number; readonly key: Bytes } | undefined;
  /** Of the chunk before: what it held, and how many records. */
  let size = 0;
  let count = 0;
  /** Records so far of the bucket that the last one lies in. */
  let crowd = 0;

  const read = (bytes: Bytes): StateStreamFault | undefined => {
    if (ended) return "stream-ended";
    const decoded = stateChunkCodec.decode(bytes);
    if (!decoded.ok) return "chunk-malformed";
    const { index, last, records } = decoded.value;
    if (index !== next || last > 1) return "chunk-order";
    const [first] = records;
    // Chunks are as full as can be, so that their number is bounded by the state and one state has one stream.
    if (first === undefined && (index > 0 || last === 0)) return "chunk-short";
    if (index > 0 && first !== undefined && size + first.bytes.length <= chunkBytes && count < chunkRecordsMax)
      return "chunk-short";
    size = records.reduce((sum, record) => sum + record.bytes.length, 0);
    count = records.length;
    const changes: StateChange[] = [];
    for (const { space, key, bytes: record } of records) {
      const codec = codecs.get(space);
      if (codec === undefined) return "record-space";
      const order = before === undefined ? -1 : before.space - space || compareBytes(before.key, key);
      if (order >= 0) return "record-order";
      crowd = before?.space === space && bucketOf(before.key) === bucketOf(key) ? crowd + 1 : 1;
      if (crowd > bucketRecordsMax) return "bucket-full";
      before = { space, key };
      const value = codec.decode(record);
      if (!value.ok) return "record-malformed";
      changes.push({ space, key, bytes: record, recordRoot: codec.root(value.value) });
    }
    state = applyChanges(state, changes);
    next++;
    ended = last === 1;
    return undefined;
  };

  return {
    add(chunk) {
      fault ??= read(chunk);
      return fault;
    },
    finish(root) {
      if (fault !== undefined) return err(fault);
      if (!ended) return err("stream-cut");
      return equalBytes(state.root, root) ? ok(state) : err("root-wrong");
    },
  };
}
