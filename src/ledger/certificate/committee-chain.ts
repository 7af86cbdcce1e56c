// From a first committee over its hand-overs to the block that a later one finalized: the chain that a reward certificate and
// a node that joins by state both rest on (section 6, S-11). Every hash, height and place is computed again, and the
// signatures that are owed are named; whoever reads a chain verifies them and says where it is anchored (anchored-by.ts).
// Hand-overs skip a term: a committee names the one after next (S-10). Pure and total.
import type { SignatureCheck } from "../../crypto/index.ts";
import { type Digest, equalBytes, err, type NetworkId, ok, type Result } from "../../primitives/index.ts";
import {
  type Anchor,
  blockDigest,
  type CommitteeRecord,
  committeeCodec,
  type HandOver,
  type Header,
  numberKey,
  type Parameters,
  type Seal,
  tables,
} from "../../schema/index.ts";
import { blockTime } from "../network-time.ts";
import { provedRecord } from "../state-proof.ts";
import { headerFault, readSeal, type SealRules } from "./read-seal.ts";
import type { CertificateRefusal } from "./refusal.ts";

/** A block of the chain that whoever checks may have pinned: the last of a term, or the one that closes the epoch. */
export interface ChainPoint {
  readonly digest: Digest;
  readonly height: number;
  readonly epoch: number;
  readonly timestampMs: number;
}

export interface CommitteeChain {
  /** None when the first committee is one of genesis' own, or when the sealed block itself is pinned. */
  readonly anchor: readonly Anchor[];
  readonly committee: CommitteeRecord;
  readonly handOvers: readonly HandOver[];
  readonly seal: Seal;
}

export interface ChainReading {
  readonly networkId: NetworkId;
  /** As genesis gave them: what never changes (blocks in an epoch, epochs in a term) and the trusting period. */
  readonly parameters: Parameters;
  /** The first committee; genesis' own when its term is 0 or 1 and there is no anchor. */
  readonly first: { readonly term: number; readonly root: Digest; readonly anchored: boolean };
  readonly points: readonly ChainPoint[];
  /** Term of the committee that finalized what the seal seals. */
  readonly term: number;
  readonly checks: readonly SignatureCheck[];
}

type Read<T> = Result<T, CertificateRefusal>;

const pointOf = (header: Header): ChainPoint => ({
  digest: blockDigest(header),
  height: header.height,
  epoch: header.epoch,
  timestampMs: header.timestampMs,
});

/** The block that an anchor is, with the committee in its state; or what is wrong. */
function readAnchor(anchor: Anchor, committee: CommitteeRecord, rules: SealRules): Read<ChainPoint> {
  const { header, proof } = anchor;
  const fault = headerFault(header, rules);
  if (fault !== undefined) return err(fault);
  const ahead = committee.term - header.term;
  if (!blockTime(header.height, rules.parameters).lastOfTerm || (ahead !== 1 && ahead !== 2)) return err("anchor-form");
  if (anchor.committee.term !== committee.term) return err("anchor-form");
  const at = { space: tables.committees.space, key: numberKey(committee.term) };
  const shown = provedRecord(proof, at, header.stateRoot);
  const root = tables.committees.codec.root(anchor.committee);
  if (shown?.kind !== "present" || !equalBytes(shown.recordRoot, root)) return err("anchor-proof");
  if (!equalBytes(anchor.committee.root, committeeCodec.root(committee))) return err("committee-root");
  return ok(pointOf(header));
}

/**
 * What a chain says and which signatures it owes; or the first thing that is wrong with it. With `pinned`, the sealed block
 * may be that very one: then nothing before it is needed, and its committee is believed only as far as the state names it.
 */
export function readCommitteeChain(chain: CommitteeChain, rules: SealRules, pinned?: Digest): Read<ChainReading> {
  const points: ChainPoint[] = [];
  const checks: SignatureCheck[] = [];
  let { committee } = chain;
  const [anchor] = chain.anchor;
  const first = { term: committee.term, root: committeeCodec.root(committee), anchored: anchor !== undefined };
  const sealed = chain.seal.headers[0];
  const isPinned = pinned !== undefined && sealed !== undefined && equalBytes(blockDigest(sealed), pinned);
  if (anchor !== undefined) {
    const read = readAnchor(anchor, committee, rules);
    if (!read.ok) return read;
    points.push(read.value);
  } else if (committee.term > 1 && !isPinned) return err("chain-start");
  for (const { seal, committee: next } of chain.handOvers) {
    const owed = readSeal(seal, committee, rules);
    if (!owed.ok) return owed;
    const closing = seal.headers[0] as Header;
    if (!blockTime(closing.height, rules.parameters).lastOfTerm || next.term !== committee.term + 2)
      return err("hand-over-term");
    if (!equalBytes(seal.record.committeeRoot, committeeCodec.root(next))) return err("committee-root");
    points.push(pointOf(closing));
    checks.push(...owed.value);
    committee = next;
  }
  const owed = readSeal(chain.seal, committee, rules);
  if (!owed.ok) return owed;
  points.push(pointOf(chain.seal.headers[0] as Header));
  return ok({ ...rules, first, points, checks: [...checks, ...owed.value], term: committee.term });
}
