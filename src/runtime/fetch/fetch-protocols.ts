// Names and bounds of what peers fetch from one another, in one place for whoever lists them (docs/LIMITS.md).
export const fetchProtocols = {
  blocks: "blocks",
  certificates: "certificates",
  stateChunks: "state-chunks",
  termProof: "term-proof",
  keys: "public-keys",
  postings: "postings",
  assetRecords: "asset-records",
  transcript: "transcript",
} as const;

export const fetchLimits = {
  /** One answer to a range; whoever needs more asks again from where it ended. */
  rangeBytesMax: 8 << 20,
  /** One answer of state chunks. */
  stateBytesMax: 16 << 20,
  /** One answer that proves a term's end: forty hand-overs of 64 seats and more. */
  termProofBytesMax: 16 << 20,
  /** One answer of postings, each chunk about 140 KB. */
  postingChunksMax: 64,
  /** All of a state: more than the largest network of the design has (L-6). */
  wholeStateBytesMax: 1 << 30,
} as const;
