// A piece of a state on its way from one node or disk to another (L-6): records of the tables in order, each as its bytes.
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import { byteList, digestType, listOf, uint8Type, uint32Type } from "./basic.ts";
import { codec } from "./codec.ts";

/** A record's bytes at most: the draw table of all operators there can be. */
export const recordBytesMax = 4 << 20;
export const chunkRecordsMax = 1 << 16;
/** A chunk is closed when it has so many bytes; one long record may make it longer. */
export const chunkBytes = 1 << 18;

const recordType = new ContainerType({ space: uint8Type, key: digestType, bytes: byteList(recordBytesMax) });
const chunkType = new ContainerType({
  /** Counted from 0: chunks come in order. */
  index: uint32Type,
  last: uint8Type,
  records: listOf(recordType, chunkRecordsMax),
});

export type StateChunk = ValueOf<typeof chunkType>;
export const stateChunkCodec = codec("state chunk", chunkType, chunkBytes + recordBytesMax + (1 << 20));
