// The state after a block, from a peer that nobody trusts (L-6, S-11): first the header, by the blocks that follow it up to one
// with a finalization whose signatures hold for a committee that the asker trusts; then the state in chunks, believed only
// when its root is the header's. One peer gives one state, so that a wrong root names its liar; another is asked anew.
import { certificateOwes, committeeOf } from "../../consensus/index.ts";
import type { SignatureCheck, Verifier } from "../../crypto/index.ts";
import { createStateImport, type LedgerState, type StateStreamFault } from "../../ledger/index.ts";
import {
  type AccountId,
  type Bytes,
  equalBytes,
  FairmeshError,
  type NetworkId,
  zeroDigest,
} from "../../primitives/index.ts";
import {
  type Block,
  blockDigest,
  type Certificate,
  type CommitteeRecord,
  committeeCodec,
  type Header,
  rangeCountMax,
  stateChunksRequestCodec,
} from "../../schema/index.ts";
import { fetchLimits, fetchProtocols } from "./fetch-protocols.ts";
import { type FetchParts, fetchBlocks, fetchCertificates } from "./fetch-range.ts";

export interface StateTrust {
  readonly networkId: NetworkId;
  /** Of the term of the block whose state is wanted. */
  readonly committee: CommitteeRecord;
  readonly verifier: Verifier;
}

export interface FetchedState {
  readonly header: Header;
  readonly state: LedgerState;
}

/** Heights at which a finalization is asked for. */
const finalizationsTried = 16;

const missing = (detail: string): FairmeshError => new FairmeshError("STATE_MISSING", detail);

async function signaturesHold(checks: readonly SignatureCheck[], verifier: Verifier): Promise<boolean> {
  return (await Promise.all(checks.map((check) => verifier.verify(check)))).every(Boolean);
}

/** Those of the heights from one on: not every block has one of its own, since a later one makes it final, too. */
async function* firstFinalizations(
  parts: FetchParts,
  { from, height }: { readonly from: AccountId; readonly height: number },
  signal: AbortSignal,
): AsyncIterable<Certificate> {
  for (let fromHeight = height; fromHeight < height + finalizationsTried; fromHeight++)
    yield* fetchCertificates(parts, from, { fromHeight, count: 1 }, signal);
}

/** The header at `height`, final by the word of `trust.committee`. Rejects with `ANSWER_FALSE` or `STATE_MISSING`. */
async function provedHeader(
  parts: FetchParts,
  { from, height, trust }: { readonly from: AccountId; readonly height: number; readonly trust: StateTrust },
  signal: AbortSignal,
): Promise<Header> {
  const lied = (detail: string): FairmeshError => {
    parts.onLie(from, detail);
    return new FairmeshError("ANSWER_FALSE", detail);
  };
  const blocks: Block[] = [];
  const range = { fromHeight: height, count: rangeCountMax };
  for await (const { block } of fetchBlocks(parts, from, range, signal)) blocks.push(block);
  const first = blocks[0];
  if (first === undefined) throw missing(`the peer has no block ${height}`);
  if (!equalBytes(first.header.networkId, trust.networkId)) throw lied("a block of another network");
  const { committee, networkId, verifier } = trust;
  const seats = committeeOf(committee, committeeCodec.root(committee), zeroDigest);
  for await (const certificate of firstFinalizations(parts, { from, height }, signal)) {
    const at = blocks.findIndex(({ header }) => equalBytes(blockDigest(header), certificate.statement.digest));
    if (at < 0) throw lied("a finalization of none of the blocks that it gave");
    if (blocks[at]?.header.term !== committee.term) break;
    const owed = certificateOwes(seats, networkId, certificate);
    if (!owed.ok) throw lied(`a finalization: ${owed.error}`);
    if (!(await signaturesHold(owed.value, verifier))) throw lied("a finalization whose signatures do not hold");
    return first.header;
  }
  throw missing(`the peer has no finalization after block ${height} within its term`);
}

/** Reads one peer's chunks to their end, in as many questions as they need; what is wrong with them, or the state. */
async function chunksFrom(
  parts: FetchParts,
  { from, header }: { readonly from: AccountId; readonly header: Header },
  signal: AbortSignal,
): Promise<LedgerState | StateStreamFault> {
  const stream = createStateImport();
  let [next, bytesRead] = [0, 0];
  for (let before = -1; before !== next; ) {
    before = next;
    const question = stateChunksRequestCodec.encode({ height: header.height, fromIndex: next });
    for await (const chunk of parts.transport.request(from, fetchProtocols.stateChunks, question, signal)) {
      next += 1;
      bytesRead += chunk.length;
      const fault = bytesRead > fetchLimits.wholeStateBytesMax ? "stream-ended" : stream.add(chunk as Bytes);
      if (fault !== undefined) return fault;
    }
  }
  if (next === 0) throw missing(`the peer does not keep the state after block ${header.height}`);
  const whole = stream.finish(header.stateRoot);
  return whole.ok ? whole.value : whole.error;
}

/**
 * The state after the block at `height` from the first of `peers` that gives it whole and true; those that lied are reported.
 * Rejects with `STATE_MISSING` when none does.
 */
export async function fetchState(
  parts: FetchParts,
  {
    peers,
    height,
    trust,
  }: { readonly peers: readonly AccountId[]; readonly height: number; readonly trust: StateTrust },
  signal: AbortSignal,
): Promise<FetchedState> {
  for (const from of peers) {
    try {
      const header = await provedHeader(parts, { from, height, trust }, signal);
      const state = await chunksFrom(parts, { from, header }, signal);
      if (typeof state !== "string") return { header, state };
      parts.onLie(from, `a state: ${state}`);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FairmeshError)) throw error;
    }
  }
  throw missing(`none of ${peers.length} peers gives the state after block ${height}`);
}
