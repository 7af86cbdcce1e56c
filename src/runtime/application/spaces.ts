// Where the application keeps what it keeps in the Store, and how keys are made there.
import { type Bytes, bigEndian, concatBytes } from "../../primitives/index.ts";

export const applicationSpaces = {
  /** "tip" -> digest of the last committed block. */
  tip: "chain-tip",
  /** digest -> block; height -> digest; height -> finalization of the block at that height. */
  blocks: "chain-blocks",
  heights: "chain-heights",
  finalizations: "chain-finalizations",
  /** space, key -> record of the state at the tip. */
  state: "state",
  /** space, key -> the record as it was when the running settlement's inputs froze; empty: there was none. */
  frozen: "state-frozen",
  /** key id -> ML-DSA public key (L-6). */
  keys: "public-keys",
  /** epoch, asset id -> leaf of the reward table; the same -> its explanation. */
  rewards: "rewards",
  explanations: "explanations",
  /** The same -> audit entries behind the reward; epoch, asset id, part -> height of the block that holds the claim. */
  audits: "reward-audits",
  claims: "reward-claims",
  /** epoch -> record, headers and finalization; term -> committee; closed term, later term -> anchor (section 6). */
  seals: "chain-seals",
  committeeRecords: "committee-records",
  anchors: "chain-anchors",
  /** epoch, number -> what a settled epoch changes. */
  postings: "postings",
  /** Transaction id -> height, as long as its block's body is kept (L-9). */
  transactions: "transactions",
  /** Digest of a term's last block -> the term: what can be a checkpoint; kept for good. */
  termEnds: "chain-term-ends",
  /** "bodies" -> the lowest height whose body may be here (L-9). */
  retention: "chain-retention",
  /** "tip" -> the block whose state is being put in the place of the chain that was here: until it is gone, there is none. */
  adopting: "chain-adopting",
} as const;

export const tipKey = new Uint8Array([0]);
export const bodiesKey = new Uint8Array([0]);
export const stateKey = (space: number, key: Bytes): Bytes => concatBytes(Uint8Array.of(space), key);
export const epochKey = (epoch: number, key: Bytes): Bytes => concatBytes(bigEndian(epoch), key);
