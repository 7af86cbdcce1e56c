// What a state commits to and does not hold, from peers (L-6): public keys by their hashes, and the postings that an epoch
// record's root names. Keys are checked one by one; a list of postings comes whole from one peer, so that a wrong root names it.
import { accountIdOf } from "../../crypto/index.ts";
import { postingsRoot } from "../../ledger/index.ts";
import { type AccountId, type Bytes, type Digest, equalBytes, FairmeshError, keyOf } from "../../primitives/index.ts";
import {
  type EpochRecord,
  keysAtOnceMax,
  keysCodec,
  keysRequestCodec,
  type Posting,
  postingsChunkCodec,
  postingsRequestCodec,
} from "../../schema/index.ts";
import { type AskingParts, asked } from "./asking.ts";
import { fetchProtocols } from "./fetch-protocols.ts";

const missing = (detail: string): FairmeshError => new FairmeshError("STATE_MISSING", detail);

const lie = (detail: string): FairmeshError => new FairmeshError("ANSWER_FALSE", detail);

/** What a peer does wrong is reported, and what it lacks is for the next one. */
function passedOver(parts: AskingParts, from: AccountId, signal: AbortSignal): (error: unknown) => undefined {
  return (error) => {
    signal.throwIfAborted();
    if (!(error instanceof FairmeshError)) throw error;
    if (error.code === "ANSWER_FALSE") parts.onLie(from, error.message);
    return undefined;
  };
}

/** Asks one peer for some keys; those that it gave leave `wanted`. */
async function keysFrom(
  parts: AskingParts,
  {
    from,
    wanted,
    keep,
  }: { from: AccountId; wanted: Map<string, Digest>; keep: (keys: readonly Bytes[]) => Promise<void> },
  signal: AbortSignal,
): Promise<void> {
  const ids = Array.from(wanted.values());
  for (let at = 0; at < ids.length; at += keysAtOnceMax) {
    const question = keysRequestCodec.encode({ ids: ids.slice(at, at + keysAtOnceMax) });
    for await (const bytes of asked(parts, { from, protocol: fetchProtocols.keys, question }, signal)) {
      const decoded = keysCodec.decode(bytes);
      if (!decoded.ok) throw lie(decoded.error.detail);
      for (const key of decoded.value.keys) {
        if (!wanted.delete(keyOf(accountIdOf(key)))) throw lie("a public key that was not asked for");
      }
      await keep(decoded.value.keys);
    }
  }
}

/** Gets the public keys of `ids` and hands them to `keep`. Rejects with `STATE_MISSING` when the peers lack some. */
export async function fetchKeys(
  parts: AskingParts,
  {
    peers,
    ids,
    keep,
  }: {
    readonly peers: readonly AccountId[];
    readonly ids: readonly Digest[];
    readonly keep: (keys: readonly Bytes[]) => Promise<void>;
  },
  signal: AbortSignal,
): Promise<void> {
  const wanted = new Map(ids.map((id) => [keyOf(id), id]));
  for (const from of peers) {
    if (wanted.size === 0) return;
    await keysFrom(parts, { from, wanted, keep }, signal).catch(passedOver(parts, from, signal));
  }
  if (wanted.size > 0) throw missing(`none of ${peers.length} peers gives ${wanted.size} of ${ids.length} public keys`);
}

async function postingsFrom(
  parts: AskingParts,
  { from, record }: { readonly from: AccountId; readonly record: EpochRecord },
  signal: AbortSignal,
): Promise<readonly Posting[]> {
  const { epoch, postingsCount } = record;
  const all: Posting[] = [];
  for (let before = -1; before !== all.length && all.length < postingsCount; ) {
    before = all.length;
    const question = postingsRequestCodec.encode({ epoch, fromIndex: all.length });
    for await (const bytes of asked(parts, { from, protocol: fetchProtocols.postings, question }, signal)) {
      const decoded = postingsChunkCodec.decode(bytes);
      if (!decoded.ok) throw lie(decoded.error.detail);
      all.push(...decoded.value.postings);
      if (all.length > postingsCount) throw lie("more postings than the record counts");
    }
  }
  if (all.length < postingsCount) throw missing("the peer does not keep them");
  if (!equalBytes(postingsRoot(all), record.postingsRoot)) throw lie("postings that are not those of the record");
  return all;
}

/** The postings behind a record, from the first peer that gives them true. Rejects with `STATE_MISSING`. */
export async function fetchPostings(
  parts: AskingParts,
  { peers, record }: { readonly peers: readonly AccountId[]; readonly record: EpochRecord },
  signal: AbortSignal,
): Promise<readonly Posting[]> {
  for (const from of peers) {
    const found = await postingsFrom(parts, { from, record }, signal).catch(passedOver(parts, from, signal));
    if (found !== undefined) return found;
  }
  throw missing(`none of ${peers.length} peers gives the postings of epoch ${record.epoch}`);
}
