// The bytes of the guard file (S-14): records of 120 bytes, the first of a segment being its header. Each ends in a chain value,
// H(chain before || record), so that none can be left out or exchanged, and a CRC-32, which tells a torn record from a forged
// one. Pure bytes; guard-segment.ts reads files.
import { crc32 } from "node:zlib";
import { sha256 } from "../crypto/index.ts";
import { type GuardRecord, guardKinds } from "../ports/index.ts";
import {
  type AccountId,
  type Bytes,
  bigEndian,
  concatBytes,
  type Digest,
  digest,
  equalBytes,
  fromBigEndian,
  utf8ToBytes,
} from "../primitives/index.ts";

export const guardRecordBytes = 120;
const bodyBytes = 84;
const chainAt = bodyBytes;
const crcAt = chainAt + 32;

const magic = utf8ToBytes("FMGUARD1");
const emptyChain = sha256(utf8ToBytes("fairmesh/guard/v1"));

export interface GuardHeader {
  readonly term: number;
  readonly account: AccountId;
  /** The chain value of the segment before when this one was begun; zero for the first. */
  readonly previous: Digest;
}

const withCrc = (body: Bytes, chain: Digest): Bytes => {
  const bytes = concatBytes(body, chain);
  return concatBytes(bytes, bigEndian(crc32(bytes), 4));
};

const seal = (body: Bytes, before: Digest): { readonly bytes: Bytes; readonly chain: Digest } => {
  const chain = sha256(before, body);
  return { bytes: withCrc(body, chain), chain };
};

/** A segment's first record, and the chain value that its first vote continues. */
export const encodeHeader = ({
  term,
  account,
  previous,
}: GuardHeader): { readonly bytes: Bytes; readonly chain: Digest } =>
  seal(concatBytes(magic, bigEndian(term), account, previous, new Uint8Array(4)), emptyChain);

/** A record after `before`, and the chain value that the next one continues. */
export const encodeRecord = (
  record: GuardRecord,
  before: Digest,
): { readonly bytes: Bytes; readonly chain: Digest } => {
  const kind = Uint8Array.of(guardKinds.indexOf(record.kind), 0, 0, 0);
  return seal(
    concatBytes(bigEndian(record.term), bigEndian(record.view), kind, record.digest, record.signatureHash),
    before,
  );
};

/** Whether the CRC of 120 bytes is right: wrong in the last record of a file only means that it was torn. */
export const crcIsRight = (bytes: Bytes): boolean =>
  equalBytes(bigEndian(crc32(bytes.subarray(0, crcAt)), 4), bytes.subarray(crcAt));

/** The chain value in a record whose CRC is right, if it follows from the one before. */
function chainOf(bytes: Bytes, before: Digest): Digest | undefined {
  const chain = sha256(before, bytes.subarray(0, bodyBytes));
  return equalBytes(chain, bytes.subarray(chainAt, crcAt)) ? chain : undefined;
}

/** Undefined unless `bytes` are the right header for this term and account. */
export function decodeHeader(
  bytes: Bytes,
  expected: { readonly term: number; readonly account: AccountId },
): { readonly header: GuardHeader; readonly chain: Digest } | undefined {
  const chain = chainOf(bytes, emptyChain);
  const term = Number(fromBigEndian(bytes.subarray(8, 16)));
  const account = bytes.slice(16, 48);
  const fits =
    equalBytes(bytes.subarray(0, 8), magic) && term === expected.term && equalBytes(account, expected.account);
  if (chain === undefined || !fits) return undefined;
  return { header: { ...expected, previous: digest(bytes.slice(48, 80)) }, chain };
}

/** Undefined when the record does not follow from the one before, or is none. */
export function decodeRecord(
  bytes: Bytes,
  before: Digest,
): { readonly record: GuardRecord; readonly chain: Digest } | undefined {
  const chain = chainOf(bytes, before);
  const kind = guardKinds[bytes[16] as number];
  if (chain === undefined || kind === undefined) return undefined;
  const record = {
    term: Number(fromBigEndian(bytes.subarray(0, 8))),
    view: Number(fromBigEndian(bytes.subarray(8, 16))),
    kind,
    digest: digest(bytes.slice(20, 52)),
    signatureHash: digest(bytes.slice(52, bodyBytes)),
  };
  return { record, chain };
}
