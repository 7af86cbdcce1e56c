// The end of a term, proved to a node that trusts genesis or one block that was pinned (S-11, section 6): a chain of committees
// from there, read by the code that reads reward certificates. A height that a peer claims counts for nothing.
import type { Verifier } from "../../crypto/index.ts";
import {
  anchoredBy,
  blockTime,
  type CommitteeChain,
  genesisFault,
  handOversMax,
  readCommitteeChain,
  trustingMs,
} from "../../ledger/index.ts";
import { type AccountId, type Digest, equalBytes, FairmeshError, zeroDigest } from "../../primitives/index.ts";
import {
  type Genesis,
  type HandOver,
  type Header,
  handOverCodec,
  networkIdOf,
  type Parameters,
  termProofCodec,
  termProofRequestCodec,
} from "../../schema/index.ts";
import { type AskingParts, asked } from "./asking.ts";
import { fetchProtocols } from "./fetch-protocols.ts";

export interface TermTrust {
  readonly genesis: Genesis;
  readonly parameters: Parameters;
  readonly verifier: Verifier;
  /** The last block of a term; without it trust begins at genesis. */
  readonly checkpoint: Digest | undefined;
}

export interface ProvedTerm {
  /** The term's last block. */
  readonly header: Header;
  readonly chain: CommitteeChain;
}

interface AskedProof {
  readonly from: AccountId;
  readonly trust: TermTrust;
}

/** Signatures handed to the verifier at a time. */
const checksAtOnce = 64;

const lie = (detail: string): FairmeshError => new FairmeshError("ANSWER_FALSE", detail);

/** Reads an answer: a head, and the hand-overs that lie between it and the term that it seals; none when nothing is answered. */
async function readAnswer(
  parts: AskingParts,
  { from, trust }: AskedProof,
  signal: AbortSignal,
): Promise<CommitteeChain | undefined> {
  const { checkpoint, parameters } = trust;
  const question = termProofRequestCodec.encode({ checkpoint: checkpoint === undefined ? [] : [checkpoint] });
  let head: Omit<CommitteeChain, "handOvers"> | undefined;
  let due = 0;
  const handOvers: HandOver[] = [];
  for await (const bytes of asked(parts, { from, protocol: fetchProtocols.termProof, question }, signal)) {
    if (head === undefined) {
      const decoded = termProofCodec.decode(bytes);
      if (!decoded.ok) throw lie(decoded.error.detail);
      head = decoded.value;
      due = ((head.seal.headers[0]?.term ?? 0) - head.committee.term) / 2;
      if (!Number.isInteger(due) || due < 0) throw lie("a chain of committees that skips a term");
      if (due > handOversMax(parameters))
        throw lie("a longer chain of committees than the trusting period has room for");
      continue;
    }
    const decoded = handOverCodec.decode(bytes);
    if (!decoded.ok) throw lie(decoded.error.detail);
    if (handOvers.push(decoded.value) > due) throw lie("more hand-overs than there are terms");
  }
  if (head === undefined) return undefined;
  if (handOvers.length < due) throw lie("a chain of committees that breaks off");
  return { ...head, handOvers };
}

async function judged(parts: AskingParts, chain: CommitteeChain, trust: TermTrust): Promise<ProvedTerm> {
  const { genesis, parameters, verifier, checkpoint } = trust;
  const rules = { networkId: networkIdOf(genesis), parameters };
  const read = readCommitteeChain(chain, rules, checkpoint);
  if (!read.ok) throw lie(`a term's end: ${read.error}`);
  const foreign = genesisFault(read.value, genesis);
  if (foreign !== undefined) throw lie(`a term's end: ${foreign}`);
  const header = chain.seal.headers[0];
  if (header === undefined || !blockTime(header.height, parameters).lastOfTerm) throw lie("a block that ends no term");
  const anchored = anchoredBy(read.value, { genesis, checkpoint, nowMs: parts.clock.nowMs() });
  if (!("anchor" in anchored)) {
    if (anchored.reason === "checkpoint-absent")
      throw lie("a chain of committees that is not anchored where it was asked to be");
    const days = Math.round(trustingMs(parameters) / 86_400_000);
    throw new FairmeshError(
      "CHECKPOINT_OLD",
      `the block that this node trusts is older than the trusting period (${parameters.trustingEpochs} epochs, about ${days} days): pin a newer checkpoint, which \`fairmesh status\` of a node that you trust shows, as node.checkpoint`,
    );
  }
  const { checks, points } = read.value;
  // What stands before the pinned block would be kept, and told to others, on the word of this peer alone.
  if (checkpoint !== undefined && !equalBytes(points[0]?.digest ?? zeroDigest, checkpoint))
    throw lie("a chain of committees that does not begin where it was asked to");
  for (let at = 0; at < checks.length; at += checksAtOnce) {
    const right = await Promise.all(checks.slice(at, at + checksAtOnce).map((check) => verifier.verify(check)));
    if (!right.every(Boolean)) throw lie("a term's end whose signatures do not hold");
  }
  return { header, chain };
}

/**
 * The newest term's end that one peer proves and whose state it serves; undefined when it has none for us. Rejects with
 * `ANSWER_FALSE`, reported, when what it gave does not hold, and as `Transport.request` does.
 */
export async function fetchTermProof(
  parts: AskingParts,
  { from, trust }: AskedProof,
  signal: AbortSignal,
): Promise<ProvedTerm | undefined> {
  try {
    const chain = await readAnswer(parts, { from, trust }, signal);
    return chain === undefined ? undefined : await judged(parts, chain, trust);
  } catch (error) {
    if (error instanceof FairmeshError && error.code === "ANSWER_FALSE") parts.onLie(from, error.message);
    throw error;
  }
}

/** Whether something of `timestampMs` is young enough to be trusted now. */
export const isTrusted = (timestampMs: number, nowMs: number, p: Parameters): boolean =>
  timestampMs + trustingMs(p) >= nowMs;
